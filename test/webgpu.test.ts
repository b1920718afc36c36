/** WebGPU against the CPU on one family, where a software Vulkan is installed; `scripts/webgpu.ts` compares all of them. */
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

it('WebGPU gives what the CPU gives, whatever is asked', ({ skip }) => {
	const { stdout, status } = spawnSync('npx', ['tsx', 'scripts/webgpu.ts', 'llama3'], { encoding: 'utf8' });
	const found = JSON.parse(stdout) as { skipped?: string; differences: Record<string, number> };
	skip(found.skipped !== undefined, found.skipped);
	expect(Object.keys(found.differences).length).toBeGreaterThan(30);
	for (const [name, value] of Object.entries(found.differences)) expect(value, name).toBeLessThan(1e-3);
	expect(status).toBe(0);
}, 600_000);
