/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stream_replicas: what replicas are sent of commands on consumer groups, in place of the commands: who owns an entry, and how far
 * a group has read.
 *
 * Source: streamPropagateXCLAIM, streamPropagateGroupID, streamPropagateConsumerCreation (t_stream.c). */
#ifndef SIM_SERVER_COMMANDS_STREAM_REPLICAS_H
#define SIM_SERVER_COMMANDS_STREAM_REPLICAS_H

#include "sim/server/commands/call.h"
#include "sim/server/values/stream.h"

/* The entry, which is pending: XCLAIM with all that is known of it. */
void stream_send_claim(struct call *call, const struct stream_group *group, struct stream_id id);
/* XGROUP SETID */
void stream_send_last(struct call *call, const struct stream_group *group);
/* XGROUP CREATECONSUMER */
void stream_send_consumer(struct call *call, const struct stream_group *group, uint32_t consumer);

#endif
