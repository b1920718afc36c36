import { expect, it } from 'vitest';
import type { Device } from '../engine/onnx/session.ts';
import { copiesWeights, defaultSettings, type WeightForm } from './engineSettings.ts';

it.each([
	['auto', 2e6, 'cpu', true],
	['auto', 1e9, 'cpu', false],
	['auto', 1e9, 'webgpu', true],
	['file', 2e6, 'cpu', false],
	['file', 1e9, 'webgpu', false],
	['float32', 1e9, 'cpu', true],
	['int8', 2e6, 'webgpu', false],
] as const satisfies readonly (readonly [WeightForm, number, Device, boolean])[])(
	'weights %s of %d bytes on %s are copied: %s',
	(weights, bytes, device, expected) => {
		expect(copiesWeights({ ...defaultSettings, weights }, bytes, device)).toBe(expected);
	},
);
