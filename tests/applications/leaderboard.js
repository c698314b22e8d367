// SPDX-License-Identifier: GPL-3.0-or-later
// leaderboard: a game's scores in sorted sets, its players in hashes, their followers in sets, timelines in lists, and a feed
// of events: a stream that a consumer group reads. All by ioredis, some of it pipelined.

import { Redis } from 'ioredis';

import { keepBusy, sleep } from './random.js';

const PLAYERS = 5000;

async function score(client, random) {
    const player = 'player:' + random.popular(PLAYERS), points = random.between(1, 500);
    const day = 'board:day:' + (Math.floor(Date.now() / 8000) % 4);

    await client
        .pipeline()
        .zincrby('board:all', points, player)
        .zincrby(day, points, player)
        .expire(day, 30)
        .hincrby(player, 'games', 1)
        .hset(player, 'last', Date.now(), 'level', random.between(1, 60))
        .exec();
    if (random.chance(0.2))
        await client.hset(player, 'about', random.text(random.between(10, 300)));
    if (random.chance(0.3))
        await client.xadd('feed', 'MAXLEN', '~', 2000, '*', 'who', player, 'what', 'scored', 'points', points);
}

async function look(client, random) {
    const player = 'player:' + random.popular(PLAYERS);

    await client.pipeline().zrevrange('board:all', 0, 9, 'WITHSCORES').zrevrank('board:all', player).exec();
    await client.hgetall(player);
    if (random.chance(0.1))
        await client.zrangebyscore('board:all', random.between(0, 500), '+inf', 'LIMIT', 0, 20);
    await client.lrange('timeline:' + player, 0, 9);
}

async function post(client, random) {
    const player = 'player:' + random.popular(PLAYERS), text = random.text(random.between(20, 280));
    const followers = await client.smembers('followers:' + player);
    const pipeline = client.pipeline();

    for (const follower of followers.slice(0, 20))
        pipeline.lpush('timeline:' + follower, text).ltrim('timeline:' + follower, 0, 49);
    pipeline.publish('posts', player);
    await pipeline.exec();
}

async function tidy(client) {
    await client.zunionstore('board:week', 4, 'board:day:0', 'board:day:1', 'board:day:2', 'board:day:3', 'WEIGHTS', 4, 3, 2, 1);
    await client.expire('board:week', 60);
    await client.zremrangebyrank('board:all', 0, -4001);
}

// One reader of the feed's group, which acknowledges most of what it reads.
async function readFeed(client, random, name, isOver) {
    while (!isOver()) {
        const read = await client.xreadgroup('GROUP', 'watchers', name, 'COUNT', 20, 'BLOCK', 500, 'STREAMS', 'feed', '>');
        const ids = read ? read[0][1].map((entry) => entry[0]) : [];

        if (ids.length && random.chance(0.9))
            await client.xack('feed', 'watchers', ...ids);
        if (random.chance(0.05))
            await client.xautoclaim('feed', 'watchers', name, 2000, '0-0', 'COUNT', 10);
        await sleep(random.between(5, 40));
    }
}

export async function run({ port, seconds, random }) {
    const connect = () => new Redis({ host: '127.0.0.1', port });
    const client = connect(), readers = [connect(), connect()];
    let over = false;

    await client.xgroup('CREATE', 'feed', 'watchers', '$', 'MKSTREAM');
    const reading = readers.map((reader, i) => readFeed(reader, random, 'reader' + i, () => over));
    await keepBusy(seconds, 4, async () => {
        const dice = random.unit();

        if (dice < 0.45)
            await score(client, random);
        else if (dice < 0.75)
            await look(client, random);
        else if (dice < 0.88)
            await client.sadd('followers:player:' + random.popular(PLAYERS), 'player:' + random.popular(PLAYERS));
        else if (dice < 0.995)
            await post(client, random);
        else
            await tidy(client);
        await sleep(random.between(0, 4));
    });
    over = true;
    await Promise.all(reading);
    await Promise.all([client, ...readers].map((one) => one.quit()));
    return `${readers.length} readers of the feed`;
}
