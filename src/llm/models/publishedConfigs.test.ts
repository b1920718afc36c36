/** Models as people have them open: published configs, with the number of parameters that their files hold. */
import { describe, expect, it } from 'vitest';
import { published } from '../../../test/support/publishedConfigs.ts';
import { publishedMixtures } from '../../../test/support/publishedMixtures.ts';
import { publishedWrappers } from '../../../test/support/publishedWrappers.ts';
import type { ModelConfig } from './decoder.ts';
import { familyOf } from './families.ts';
import { parameterShapes } from './loadDecoder.ts';

describe.each([...published, ...publishedWrappers, ...publishedMixtures])(
	'$name',
	({ name, values, parameters, sizes }) => {
		const config: ModelConfig = { file: `${name}/config.json`, values };
		const family = familyOf(config);

		it('opens with its sizes', () => {
			expect(family.readSizes(config)).toMatchObject(sizes);
		});

		it('has the number of parameters that its files hold', () => {
			const shapes = [...parameterShapes(family, config).values()];
			const total = shapes.reduce((sum, shape) => sum + shape.reduce((product, size) => product * size, 1), 0);
			expect(total).toBe(parameters);
		});
	},
);
