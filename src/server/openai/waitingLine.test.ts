import { expect, it } from 'vitest';
import { waitingLine } from './waitingLine.ts';

const stays = new AbortController().signal;

it('gives turns in order, one at a time, and none to who left while waiting', async () => {
	const line = waitingLine(10, () => 0);
	const turns: string[] = [];
	const leaving = new AbortController();
	const endFirst = await line.turn(stays);
	const left = line.turn(leaving.signal);
	const [second, third] = ['second', 'third'].map(async (name) => {
		const end = await line.turn(stays);
		turns.push(name);
		return end;
	});
	leaving.abort(new Error('left'));
	await expect(left).rejects.toThrow('left');
	expect(turns).toEqual([]);
	endFirst();
	const endSecond = await second;
	expect(turns).toEqual(['second']);
	endSecond?.();
	await third;
	expect(turns).toEqual(['second', 'third']);
});

it('refuses who comes when the line is full, and tells how long the line takes', async () => {
	let time = 0;
	const line = waitingLine(2, () => time);
	const end = await line.turn(stays);
	time = 5000;
	end();
	const endNext = await line.turn(stays);
	const [second] = [line.turn(stays), line.turn(stays)];
	expect(() => line.turn(stays)).toThrow(expect.objectContaining({ status: 429, retryAfter: 10 }));
	endNext();
	(await second)();
});

it('has room again for each who leaves', async () => {
	const line = waitingLine(1, () => 0);
	const end = await line.turn(stays);
	const leaving = new AbortController();
	const left = line.turn(leaving.signal);
	expect(() => line.turn(stays)).toThrow('1 requests wait already');
	leaving.abort(new Error('left'));
	await expect(left).rejects.toThrow('left');
	const next = line.turn(stays);
	end();
	(await next)();
});

it('lets nobody wait where the line has no room, but takes who comes alone', async () => {
	const line = waitingLine(0, () => 0);
	const end = await line.turn(stays);
	expect(() => line.turn(stays)).toThrow(expect.objectContaining({ status: 429, retryAfter: 1 }));
	end();
	// The end of a turn is known once everything that waits for it has heard of it.
	await new Promise(setImmediate);
	(await line.turn(stays))();
});
