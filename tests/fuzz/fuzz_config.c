/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_config: any bytes as a redis.conf. The configuration that was read is printed, and must read back as the
 * same. `include` finds nothing but the file itself: it is read from within its folder, and names no other. */
#include "sim/config_file.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/targets.h"

#include <fcntl.h>
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
    uint8_t *text = bytes_that_stay(bytes, count);
    int fd = bytes_as_file(text, count, path), before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), status;
    struct redis_config config;
    struct redis_conf_file file = {0};
    struct error error = {0};

    redis_config_init(&config);
    if (before < 0 || chdir(bytes_folder()))
        abort();
    status = redis_conf_read(path, 0, &config, &file, &error);
    if (fchdir(before))
        abort();
    if (!status)
        check_round_trip(&config);
    else if (!error.text[0])
        abort();
    redis_conf_file_release(&file);
    close(before);
    close(fd);
    free(text);
    return 0;
}
