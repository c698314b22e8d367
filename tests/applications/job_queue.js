// SPDX-License-Identifier: GPL-3.0-or-later
// job_queue: mails and reports are jobs of BullMQ: some wait, some have a priority, some fail and are tried again. Workers
// take them, and a listener follows the events. Everything is done by the library's scripts, in hashes, lists, sorted sets
// and a stream.

import { Queue, QueueEvents, Worker } from 'bullmq';

import { keepBusy, sleep } from './random.js';

const kept = { removeOnComplete: { count: 500 }, removeOnFail: { age: 20, count: 200 } };

function optionsOf(random) {
    const options = { attempts: 3, backoff: { type: 'exponential', delay: 200 } };

    if (random.chance(0.15))
        options.delay = random.between(50, 3000);
    else if (random.chance(0.15))
        options.priority = random.between(1, 5);
    return options;
}

async function work(job, random) {
    await sleep(random.between(0, 4));
    if (random.chance(0.1))
        await job.updateProgress(random.between(1, 99));
    if (random.chance(0.05))
        throw new Error('no answer from ' + random.text(12));
    return { sent: random.text(random.between(5, 60)) };
}

export async function run({ port, seconds, random }) {
    const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null };
    const names = ['mail', 'report'];
    const queues = names.map((name) => new Queue(name, { connection, defaultJobOptions: kept }));
    const workers = names.map((name) => new Worker(name, (job) => work(job, random), { connection, concurrency: 4 }));
    const events = new QueueEvents('mail', { connection });
    let failures = 0;

    workers.forEach((worker) => worker.on('failed', () => failures++));
    await keepBusy(seconds, 3, async () => {
        const queue = random.pick(queues);
        const data = () => ({ to: 'user' + random.popular(2000), body: random.text(random.between(20, 700)) });

        if (random.chance(0.1))
            await queue.addBulk(Array.from({ length: 8 }, () => ({ name: 'one', data: data(), opts: optionsOf(random) })));
        else
            await queue.add('one', data(), optionsOf(random));
        if (random.chance(0.02))
            await queue.getJobCounts('waiting', 'active', 'delayed', 'failed', 'completed');
        if (random.chance(0.02))
            await queue.getJobs(['waiting', 'completed'], 0, 9);
        await sleep(random.between(2, 10));
    });
    await Promise.all([...workers, events, ...queues].map((one) => one.close()));
    return `${failures} attempts failed`;
}
