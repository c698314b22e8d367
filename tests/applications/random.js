// SPDX-License-Identifier: GPL-3.0-or-later
// random: draws that follow from a seed.

const words = ['as', 'below', 'cloud', 'during', 'every', 'follow', 'green', 'hour'];

export class Random {
    constructor(seed) {
        this.state = seed >>> 0;
    }

    // 0 <= x < 1 (mulberry32)
    unit() {
        this.state = (this.state + 0x6d2b79f5) >>> 0;
        let x = this.state;
        x = Math.imul(x ^ (x >>> 15), x | 1);
        x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
        return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
    }

    chance(probability) {
        return this.unit() < probability;
    }

    // An integer from least to most, both included.
    between(least, most) {
        return least + Math.floor(this.unit() * (most - least + 1));
    }

    // Few of 0 .. count - 1 are drawn often: near to Zipf's law.
    popular(count) {
        return Math.floor(Math.pow(count, this.unit())) - 1;
    }

    pick(list) {
        return list[this.between(0, list.length - 1)];
    }

    // So many letters, which nobody else has drawn.
    id(length) {
        let text = '';
        while (text.length < length)
            text += Math.floor(this.unit() * 36 ** 8).toString(36);
        return text.slice(0, length);
    }

    // So many letters of words.
    text(length) {
        let text = '';
        while (text.length < length)
            text += this.pick(words) + ' ';
        return text.slice(0, length);
    }
}

export function sleep(ms) {
    return new Promise((resolve) => setTimeout(resolve, ms));
}

// Calls act() again and again, some at a time, until the seconds are over.
export async function keepBusy(seconds, parallel, act) {
    const end = Date.now() + 1000 * seconds;
    const lane = async () => {
        while (Date.now() < end)
            await act();
    };
    await Promise.all(Array.from({ length: parallel }, lane));
}
