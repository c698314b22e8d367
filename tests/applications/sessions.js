// SPDX-License-Identifier: GPL-3.0-or-later
// sessions: a shop's sessions in connect-redis (JSON in a string, with a ttl that each visit renews) and its baskets, hashes
// that node-redis fills in transactions.

import { RedisStore } from 'connect-redis';
import session from 'express-session';
import { createClient } from 'redis';

import { keepBusy, sleep } from './random.js';

const TTL_S = 12;

function newSession(random) {
    return {
        cookie: new session.Cookie({ maxAge: TTL_S * 1000 }),
        user: random.popular(5000),
        agent: random.text(random.between(20, 120)),
        visits: 0,
        seen: [],
    };
}

async function fillBasket(client, random, id) {
    const basket = 'basket:' + id, item = 'item:' + random.popular(300);
    const transaction = client.multi().hIncrBy(basket, item, random.between(1, 3)).expire(basket, 2 * TTL_S);

    if (random.chance(0.2))
        transaction.hSet(basket, { note: random.text(random.between(10, 90)), changed: Date.now() });
    await transaction.exec();
    if (random.chance(0.3))
        await client.hGetAll(basket);
    if (random.chance(0.1))
        await client.hDel(basket, item);
}

async function order(client, random, id) {
    const basket = 'basket:' + id;

    await client.watch(basket);
    const items = await client.hGetAll(basket);
    const order = { user: String(id), items: JSON.stringify(items), at: String(Date.now()) };
    const key = 'order:' + random.id(10);
    try {
        await client.multi().hSet(key, order).expire(key, 40).rPush('orders', key).del(basket).exec();
    } catch {
        // somebody else changed the basket meanwhile
    }
}

export async function run({ port, seconds, random }) {
    const client = await createClient({ url: `redis://127.0.0.1:${port}` }).connect();
    const orders = await createClient({ url: `redis://127.0.0.1:${port}` }).connect();
    const store = new RedisStore({ client, prefix: 'sess:', ttl: TTL_S });
    const ids = Array.from({ length: 3000 }, () => random.id(24));
    let found = 0, isOrdering = false;

    await keepBusy(seconds, 4, async () => {
        const id = ids[random.popular(ids.length)];
        let visit = await store.get(id);

        found += visit ? 1 : 0;
        if (!visit) {
            visit = newSession(random);
            await store.set(id, visit);
        }
        if (random.chance(0.4)) {
            visit.visits++;
            visit.seen = [...visit.seen, 'page' + random.popular(400)].slice(-20);
            await store.set(id, visit);
        } else {
            await store.touch(id, visit);
        }
        if (random.chance(0.3))
            await fillBasket(client, random, id);
        if (random.chance(0.03) && !isOrdering) {
            isOrdering = true;
            await order(orders, random, id);
            isOrdering = false;
        }
        if (random.chance(0.02))
            await store.destroy(id);
        await sleep(random.between(0, 4));
    });
    await Promise.all([client.close(), orders.close()]);
    return `${found} sessions were there`;
}
