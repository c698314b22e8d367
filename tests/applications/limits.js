// SPDX-License-Identifier: GPL-3.0-or-later
// limits: calls of an outside service are limited (Bottleneck), a resource is locked (Redlock), seats are counted (redis-semaphore),
// and messages wait in a queue (rsmq). Nearly all is done by the libraries' scripts, on hashes, sorted sets and strings with ttls.

import Bottleneck from 'bottleneck';
import Redis from 'ioredis';
import Redlock from 'redlock';
import { Mutex, Semaphore } from 'redis-semaphore';
import RSMQ from 'rsmq';

import { keepBusy, sleep } from './random.js';

const queues = ['mail', 'thumbs', 'audit'];

// An account's calls: some at a time, so many a second.
function limiterOf(account, connection) {
    return new Bottleneck({
        id: 'account' + account,
        datastore: 'ioredis',
        connection,
        maxConcurrent: 3,
        minTime: 2,
        reservoir: 200,
        reservoirRefreshAmount: 200,
        reservoirRefreshInterval: 1000,
        timeout: 60000,
    });
}

async function message(rsmq, random) {
    const qname = random.pick(queues);

    await rsmq.sendMessageAsync({ qname, message: random.text(random.between(30, 900)), delay: random.chance(0.1) ? 1 : 0 });
    if (random.chance(0.2))
        return;
    const received = await rsmq.receiveMessageAsync({ qname, vt: 2 });
    if (received.id && random.chance(0.8))
        await rsmq.deleteMessageAsync({ qname, id: received.id });
    else if (received.id && random.chance(0.5))
        await rsmq.changeMessageVisibilityAsync({ qname, id: received.id, vt: 5 });
    if (random.chance(0.02))
        await rsmq.getQueueAttributesAsync({ qname });
}

async function locked(redlock, random) {
    const lock = await redlock.lock('locks:order:' + random.popular(3000), random.between(300, 20000));

    await sleep(random.between(0, 2));
    if (random.chance(0.2))
        await lock.extend(5000);
    if (random.chance(0.6))
        await lock.unlock(); // the others expire
}

async function seated(redis, random) {
    const options = { lockTimeout: random.between(500, 9000), acquireTimeout: 200, retryInterval: 5, refreshInterval: 0 };
    const name = random.popular(800), seat = random.chance(0.5);
    const lock = seat ? new Semaphore(redis, 'room:' + name, 4, options) : new Mutex(redis, 'row:' + name, options);

    if ((await lock.tryAcquire()) && random.chance(0.7))
        await lock.release();
}

export async function run({ port, seconds, random }) {
    const redis = new Redis(port), rsmq = new RSMQ({ port, ns: 'rsmq' });
    const connection = new Bottleneck.IORedisConnection({ client: new Redis(port) });
    const limiters = Array.from({ length: 40 }, (_, account) => limiterOf(account, connection));
    const redlock = new Redlock([redis], { retryCount: 1, retryDelay: 5 });
    let refused = 0;

    redlock.on('clientError', () => {});
    await Promise.all(queues.map((qname) => rsmq.createQueueAsync({ qname })));
    await keepBusy(seconds, 8, async () => {
        const what = random.unit();

        if (what < 0.4)
            await limiters[random.popular(40)].schedule(() => sleep(random.between(0, 3)));
        else if (what < 0.6)
            await locked(redlock, random).catch(() => refused++);
        else if (what < 0.75)
            await seated(redis, random).catch(() => refused++);
        else
            await message(rsmq, random);
    });
    await Promise.all(limiters.map((limiter) => limiter.disconnect(false)));
    await connection.disconnect(false);
    redis.disconnect();
    rsmq.quit();
    return `${refused} locks were taken`;
}
