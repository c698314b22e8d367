// SPDX-License-Identifier: GPL-3.0-or-later
// cache_aside: pages and products in cacheable, whose second level is Keyv on node-redis: a read that misses loads and
// stores; products are also kept as hashes, and tags as sets, by which a change drops them.

import { createKeyv } from '@keyv/redis';
import { Cacheable } from 'cacheable';
import { createClient } from 'redis';

import { keepBusy, sleep } from './random.js';

async function readProduct(client, random, id) {
    const key = 'product:' + id;
    const found = await client.hGetAll(key);

    if (found.name)
        return true;
    const tag = 'tag:' + (id % 40);
    await client
        .multi()
        .hSet(key, { name: 'product ' + id, price: random.between(100, 9999), text: random.text(random.between(20, 400)) })
        .expire(key, random.between(10, 30))
        .sAdd(tag, key)
        .expire(tag, 60)
        .exec();
    return false;
}

async function dropTag(client, random) {
    const tag = 'tag:' + random.between(0, 39);
    const keys = await client.sMembers(tag);

    if (keys.length)
        await client.unlink(keys);
    await client.del(tag);
}

export async function run({ port, seconds, random }) {
    const url = `redis://127.0.0.1:${port}`;
    const client = await createClient({ url }).connect();
    const keyv = createKeyv(url, { namespace: 'pages' });
    const cache = new Cacheable({ primary: keyv, ttl: '20s' });
    let hits = 0;

    await keepBusy(seconds, 4, async () => {
        const page = 'page:' + random.popular(6000);

        if ((await cache.get(page)) === undefined)
            await cache.set(page, { html: random.text(random.between(50, 1500)) }, random.between(3, 25) * 1000);
        else
            hits++;
        if (random.chance(0.1))
            await cache.getMany(Array.from({ length: 5 }, () => 'page:' + random.popular(6000)));
        if (random.chance(0.03))
            await cache.delete(page);
        if (random.chance(0.3))
            hits += (await readProduct(client, random, random.popular(3000))) ? 1 : 0;
        if (random.chance(0.01))
            await dropTag(client, random);
        await sleep(random.between(0, 3));
    });
    await cache.disconnect();
    await client.close();
    return `${hits} hits`;
}
