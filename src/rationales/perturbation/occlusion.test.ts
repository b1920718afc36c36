import { expect, it } from 'vitest';
import { occlusion } from './occlusion.ts';
import { andGame, gloveGame, linearGame, play, scoresOf } from './testGames.ts';

it('occlusion recovers the coefficients of a linear game, with their signs', async () => {
	const { asked, answer } = await play(occlusion, linearGame([0.5, -0.25, 0], 0.25), 3);
	expect(answer).toMatchObject({ scores: [0.5, -0.25, 0], standardErrors: null });
	expect(asked).toHaveLength(4);
});

it('occlusion gives every unit of an AND the whole, and redundant ones nothing', async () => {
	expect(scoresOf(await play(occlusion, andGame([0, 2]), 3))).toEqual([1, 0, 1]);
	expect(scoresOf(await play(occlusion, gloveGame, 3))).toEqual([1, 0, 0]);
});

it('occlusion says what it would need', async () => {
	expect((await play(occlusion, gloveGame, 3, { evaluations: 3 })).answer).toEqual({
		missing: '3 units need 4 evaluations, the study allows 3',
	});
});
