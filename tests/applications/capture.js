// SPDX-License-Identifier: GPL-3.0-or-later
// capture: runs applications, one after the other, each against a redis-server of its own, and writes what MONITOR shows.
//
//     node capture.js [--seconds 10] [--seed 1] [--out DIR] [NAME...]
//
// REDIS_SERVER names another server than the one on PATH. The captures are DIR/NAME.monitor.gz, in which the libraries' scripts are
// replaced by other texts. What an application does follows from the seed; which command comes first, and a library's own ids, do not.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { createGzip } from 'node:zlib';

import { Random, sleep } from './random.js';

const applications = ['job_queue', 'sessions', 'rate_limiter', 'cache_aside', 'leaderboard', 'limits'];

function freePort() {
    return new Promise((resolve) => {
        const server = createServer().listen(0, '127.0.0.1', () => {
            const { port } = server.address();
            server.close(() => resolve(port));
        });
    });
}

async function open(port) {
    for (let tries = 0; tries < 200; tries++) {
        const socket = connect(port, '127.0.0.1');
        const isOpen = await new Promise((resolve) => {
            socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
        });

        if (isOpen)
            return socket;
        await sleep(25);
    }
    throw new Error('the server does not listen');
}

// Sends a command that is a line; resolves at its reply.
function ask(socket, line) {
    return new Promise((resolve) => {
        socket.once('data', resolve);
        socket.write(line + '\r\n');
    });
}

// The bytes of a word of MONITOR.
function decode(word) {
    const letters = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b' };

    return word.replace(/\\(x([0-9a-f]{2})|.)/g, (_, one, hex) => (hex ? String.fromCharCode(parseInt(hex, 16)) : letters[one] ?? one));
}

// The lines of MONITOR, in which other people's scripts are replaced by as many letters: the text of EVAL and SCRIPT LOAD, and its
// SHA1 where EVALSHA names it.
async function* hideScripts(source) {
    const sha1 = (text) => createHash('sha1').update(text, 'latin1').digest('hex');
    const replaced = new Map();

    for await (const line of createInterface({ input: source, crlfDelay: Infinity })) {
        const [, head, script, rest] = line.match(/^([^"]*"(?:eval(?:sha)?(?:_ro)?|script" "load)" )"((?:[^"\\]|\\.)*)"(.*)$/i) ?? [];

        if (!head) {
            yield line + '\n';
            continue;
        }
        const text = decode(script), known = replaced.get(text);
        if (!known && /"(eval(_ro)?|load)"/i.test(head)) {
            const other = `-- script ${replaced.size / 2} `.padEnd(text.length, 'v');
            replaced.set(text, other).set(sha1(text), sha1(other));
        }
        yield `${head}"${replaced.get(text) ?? script}"${rest}\n`;
    }
}

async function capture(name, options) {
    const directory = mkdtempSync(join(tmpdir(), 'evsim-')), port = await freePort();
    const settings = ['--bind', '127.0.0.1', '--port', port, '--save', '', '--dir', directory];
    const server = spawn(process.env.REDIS_SERVER ?? 'redis-server', settings, { stdio: 'ignore', argv0: 'redis-server' });
    const ended = new Promise((resolve) => server.once('exit', resolve).once('error', resolve));

    try {
        const monitor = await open(port), control = await open(port);
        await ask(monitor, 'MONITOR');
        const file = join(options.out, name + '.monitor.gz');
        const written = pipeline(monitor, hideScripts, createGzip({ level: 9 }), createWriteStream(file));
        const { run } = await import(`./${name}.js`);
        const said = await run({ port, seconds: Number(options.seconds), random: new Random(Number(options.seed)) });

        await sleep(200); // the last lines of MONITOR
        control.destroy();
        server.kill();
        await written;
        console.log(`${file}: ${said}`);
    } finally {
        server.kill();
        await ended;
        rmSync(directory, { recursive: true });
    }
}

const { values: options, positionals: names } = parseArgs({
    allowPositionals: true,
    options: {
        seconds: { type: 'string', default: '10' },
        seed: { type: 'string', default: '1' },
        out: { type: 'string', default: '.' },
    },
});
for (const name of names.length ? names : applications)
    await capture(name, options);
