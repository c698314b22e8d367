/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_config: any bytes as a redis.conf. The configuration that was read is printed, and must read back as the
 * same. */
#include "sim/config_file.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/targets.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void check_round_trip(const struct redis_config *config)
{
    struct redis_config again;

    redis_config_init(&again);
    for (size_t i = 0; i < REDIS_OPTIONS; i++) {
        char text[REDIS_OPTION_TEXT];
        struct error error = {0};

        redis_option_print(config, &redis_options[i], text);
        if (!strcmp(text, redis_options[i].initial)) /* which the server may refuse: 0 of repl-backlog-size */
            continue;
        if (redis_option_set(&again, &redis_options[i], text, &error))
            abort();
    }
    if (memcmp(config, &again, sizeof again) != 0)
        abort();
}

int fuzz_config(const uint8_t *bytes, size_t count)
{
    char path[BYTES_PATH];
    int fd = bytes_as_file(bytes, count, path);
    struct redis_config config;
    struct redis_conf_file file = {0};
    struct error error = {0};

    redis_config_init(&config);
    if (redis_conf_read(path, 0, &config, &file, &error) == 0)
        check_round_trip(&config);
    else if (!error.text[0])
        abort();
    redis_conf_file_release(&file);
    close(fd);
    return 0;
}
