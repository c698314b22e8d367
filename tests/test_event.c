/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_event: the order in which events fire, by example. */
#include "sim/engine/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Events called a, b, c ... that write their letter when they fire. */
struct diary {
    struct event_queue queue;
    char text[64];
    int64_t times[64];
    size_t count;
};

struct entry {
    struct event event;
    struct diary *diary;
    char letter;
    struct entry *then; /* scheduled by this one when it fires */
    int64_t then_at_us;
};

static void fire(void *owner, int64_t now_us)
{
    struct entry *entry = owner;
    struct diary *diary = entry->diary;

    diary->times[diary->count] = now_us;
    diary->text[diary->count++] = entry->letter;
    if (entry->then)
        event_schedule(&diary->queue, &entry->then->event, entry->then_at_us);
}

static void open_diary(struct diary *diary, struct entry *entries, size_t count)
{
    memset(diary, 0, sizeof *diary);
    memset(entries, 0, count * sizeof *entries);
    event_queue_init(&diary->queue);
    for (size_t i = 0; i < count; i++) {
        entries[i].event.fire = fire;
        entries[i].event.owner = &entries[i];
        entries[i].diary = diary;
        entries[i].letter = (char)('a' + i);
    }
}

static void the_earlier_comes_first(void **state)
{
    struct diary diary;
    struct entry e[3];

    (void)state;
    open_diary(&diary, e, 3);
    event_schedule(&diary.queue, &e[0].event, 30);
    event_schedule(&diary.queue, &e[1].event, 10);
    event_schedule(&diary.queue, &e[2].event, 20);
    assert_int_equal(event_queue_next(&diary.queue), 10);
    event_queue_run(&diary.queue, 100);
    assert_string_equal(diary.text, "bca");
    assert_int_equal(diary.times[1], 20);
    assert_int_equal(event_queue_next(&diary.queue), EVENT_NEVER);
    event_queue_release(&diary.queue);
}

static void at_the_same_time_the_lower_priority_value_comes_first(void **state)
{
    struct diary diary;
    struct entry e[4];

    (void)state;
    open_diary(&diary, e, 4);
    e[0].event.priority = PRIORITY_SAMPLE;
    e[1].event.priority = PRIORITY_CLIENT;
    e[2].event.priority = PRIORITY_EVICTION;
    e[3].event.priority = PRIORITY_CRON;
    for (int i = 0; i < 4; i++)
        event_schedule(&diary.queue, &e[i].event, 5);
    event_queue_run(&diary.queue, 5);
    assert_string_equal(diary.text, "dcba");
    event_queue_release(&diary.queue);
}

static void equals_fire_in_the_order_of_scheduling(void **state)
{
    struct diary diary;
    struct entry e[20];

    (void)state;
    open_diary(&diary, e, 20);
    for (int i = 0; i < 20; i++)
        event_schedule(&diary.queue, &e[(i * 7) % 20].event, 5);
    event_queue_run(&diary.queue, 5);
    assert_string_equal(diary.text, "ahobipcjqdkrelsfmtgn");
    event_queue_release(&diary.queue);
}

static void rescheduling_moves_an_event_behind_its_equals(void **state)
{
    struct diary diary;
    struct entry e[3];

    (void)state;
    open_diary(&diary, e, 3);
    for (int i = 0; i < 3; i++)
        event_schedule(&diary.queue, &e[i].event, 10);
    event_schedule(&diary.queue, &e[0].event, 10);
    event_schedule(&diary.queue, &e[1].event, 20);
    assert_int_equal(diary.queue.count, 3);
    event_queue_run(&diary.queue, 15);
    assert_string_equal(diary.text, "ca");
    event_queue_run(&diary.queue, 20);
    assert_string_equal(diary.text, "cab");
    event_queue_release(&diary.queue);
}

static void a_cancelled_event_does_not_fire(void **state)
{
    struct diary diary;
    struct entry e[4];

    (void)state;
    open_diary(&diary, e, 4);
    for (int i = 0; i < 4; i++)
        event_schedule(&diary.queue, &e[i].event, 10 + i);
    event_cancel(&diary.queue, &e[3].event);
    event_cancel(&diary.queue, &e[0].event);
    assert_false(event_is_scheduled(&e[0].event));
    assert_true(event_is_scheduled(&e[1].event));
    event_queue_run(&diary.queue, 100);
    assert_string_equal(diary.text, "bc");
    event_schedule(&diary.queue, &e[0].event, 200);
    event_queue_run(&diary.queue, 200);
    assert_string_equal(diary.text, "bca");
    event_queue_release(&diary.queue);
}

static void events_may_schedule_events_of_the_same_instant(void **state)
{
    struct diary diary;
    struct entry e[3];

    (void)state;
    open_diary(&diary, e, 3);
    e[0].then = &e[1];
    e[0].then_at_us = 10;
    e[1].then = &e[2];
    e[1].then_at_us = 11;
    event_schedule(&diary.queue, &e[0].event, 10);
    event_queue_run(&diary.queue, 10);
    assert_string_equal(diary.text, "ab");
    assert_int_equal(event_queue_next(&diary.queue), 11);
    event_queue_run(&diary.queue, 1000);
    assert_string_equal(diary.text, "abc");
    event_queue_release(&diary.queue);
}

static void an_event_may_schedule_itself(void **state)
{
    struct diary diary;
    struct entry e[1];

    (void)state;
    open_diary(&diary, e, 1);
    e[0].then = &e[0];
    e[0].then_at_us = 50;
    event_schedule(&diary.queue, &e[0].event, 40);
    event_queue_run(&diary.queue, 40);
    assert_string_equal(diary.text, "a");
    assert_true(event_is_scheduled(&e[0].event));
    event_queue_release(&diary.queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_earlier_comes_first),
        cmocka_unit_test(at_the_same_time_the_lower_priority_value_comes_first),
        cmocka_unit_test(equals_fire_in_the_order_of_scheduling),
        cmocka_unit_test(rescheduling_moves_an_event_behind_its_equals),
        cmocka_unit_test(a_cancelled_event_does_not_fire),
        cmocka_unit_test(events_may_schedule_events_of_the_same_instant),
        cmocka_unit_test(an_event_may_schedule_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
