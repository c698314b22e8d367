/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/gen_convert.h"

#include "sim/alloc.h"
#include "sim/cli/convert_tell.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct trace_request request_for(const struct gen_converted *converted, const char *path)
{
    return (struct trace_request){
        .path = path, .format = converted->format, .options.pipeline_gap_us = PIPELINE_GAP_US};
}

/* Opens the path, closes the descriptor behind it, which may be -1, and writes all of it. The conversion is to be closed. */
static int convert(struct conversion *conversion, const struct gen_converted *converted, const char *path,
                   int descriptor, struct error *error)
{
    struct trace_request request = request_for(converted, path);
    struct writer_options options = {.packs = true, .file = converted->file};
    int status = conversion_open(conversion, converted->catalog->choose_format, &request, error);

    if (descriptor >= 0)
        close(descriptor);
    if (!status)
        status = conversion_write(conversion, converted->writer, &options, converted->out, converted->target, error);
    return status;
}

/* Says what was written, unless it has failed, and closes the conversion. Returns the status. */
static int end(struct conversion *conversion, const struct gen_converted *converted, const char *path, int status)
{
    struct trace_request request = request_for(converted, path);

    if (!status)
        convert_tell(&(struct convert_tale){conversion, &request, converted->target, ""}, stderr);
    conversion_close(conversion);
    free(conversion);
    return status;
}

int gen_convert_file(const struct gen_converted *converted, const char *path, struct error *error)
{
    struct conversion *conversion = xcalloc(1, sizeof *conversion);
    int status = convert(conversion, converted, path, -1, error);

    return end(conversion, converted, path, status);
}

struct feeder {
    gen_write_fn *write;
    void *owner;
    FILE *out;
    int status;
    struct error error;
};

static void *feed(void *state)
{
    struct feeder *feeder = state;
    sigset_t pipe_signal;

    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE); /* if the conversion has failed, writing fails */
    pthread_sigmask(SIG_BLOCK, &pipe_signal, NULL);
    feeder->status = feeder->write(feeder->owner, feeder->out, &feeder->error);
    if (fclose(feeder->out) && !feeder->status)
        feeder->status = error_set(&feeder->error, ERROR_OUTPUT, "cannot write the trace: %s", strerror(errno));
    return NULL;
}

int gen_convert(const struct gen_converted *converted, gen_write_fn *write, void *owner, struct error *error)
{
    struct feeder feeder = {.write = write, .owner = owner};
    struct conversion *conversion;
    char path[32];
    pthread_t thread;
    int ends[2], status;

    if (pipe(ends))
        return error_set(error, ERROR_INTERNAL, "no pipe: %s", strerror(errno));
    feeder.out = fdopen(ends[1], "w");
    if (!feeder.out || pthread_create(&thread, NULL, feed, &feeder)) {
        close(ends[0]);
        return error_set(error, ERROR_INTERNAL, "no thread for the generator");
    }
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    conversion = xcalloc(1, sizeof *conversion);
    status = convert(conversion, converted, path, ends[0], error);
    if (status) { /* so that the generator finds nobody reading */
        end(conversion, converted, path, status);
        conversion = NULL;
    }
    pthread_join(thread, NULL);
    if (feeder.status && (!status || feeder.error.code != ERROR_OUTPUT)) { /* else it fails for the conversion did */
        *error = feeder.error;
        status = -1;
    }
    return conversion ? end(conversion, converted, path, status) : status;
}
