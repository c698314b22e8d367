// SPDX-License-Identifier: GPL-3.0-or-later
// rate_limiter: requests to an API are counted by rate-limiter-flexible (a script), by a window of timestamps in a sorted
// set, and by a token bucket in a hash, both pipelined with ioredis. Who is over the limit is blocked for a while.

import { Redis } from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';

import { keepBusy, sleep } from './random.js';

async function slidingWindow(client, key, windowMs, limit, random) {
    const now = Date.now();
    const [, , [, count]] = await client
        .multi()
        .zremrangebyscore(key, 0, now - windowMs)
        .zadd(key, now, `${now}-${random.id(6)}`)
        .zcard(key)
        .pexpire(key, windowMs)
        .exec();

    return count <= limit;
}

async function tokenBucket(client, key) {
    const [tokens, at] = await client.hmget(key, 'tokens', 'at');
    const now = Date.now();
    const left = at ? Math.min(20, Number(tokens) + (now - Number(at)) * 0.01) : 20;

    await client.pipeline().hset(key, 'tokens', Math.max(0, left - 1).toFixed(3), 'at', now).expire(key, 10).exec();
    return left >= 1;
}

export async function run({ port, seconds, random }) {
    const client = new Redis({ host: '127.0.0.1', port });
    const limiter = new RateLimiterRedis({ storeClient: client, keyPrefix: 'api', points: 8, duration: 4, blockDuration: 6 });
    const daily = new RateLimiterRedis({ storeClient: client, keyPrefix: 'daily', points: 1000, duration: 60 });
    let refused = 0;

    await keepBusy(seconds, 4, async () => {
        const user = random.popular(4000), address = `10.${random.between(0, 40)}.${random.popular(200)}.7`;

        try {
            await limiter.consume(user);
            await daily.consume(address);
        } catch {
            refused++;
        }
        if (random.chance(0.4) && !(await slidingWindow(client, 'window:' + user, 8000, 30, random)))
            refused++;
        if (random.chance(0.3) && !(await tokenBucket(client, 'bucket:' + address)))
            refused++;
        if (random.chance(0.01))
            await limiter.get(user);
        if (random.chance(0.005))
            await limiter.delete(user);
        await sleep(random.between(0, 3));
    });
    await client.quit();
    return `${refused} requests refused`;
}
