import { expect, it } from 'vitest';
import { plainReason } from './plainReason.ts';

it.each([
	[
		'/onnxruntime_src/onnxruntime/core/providers/webgpu/webgpu_context.cc:136 onnxruntime::webgpu::WebGpuContext::' +
			'Initialize(const onnxruntime::webgpu::WebGpuContextConfig&)::<lambda()> adapter_result.status == ' +
			'wgpu::RequestAdapterStatus::Success was false. Failed to get a WebGPU adapter: No supported adapters',
		'Failed to get a WebGPU adapter: No supported adapters',
	],
	['OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library\n', undefined],
	['/src/a.cc:12 x == y was false.', 'x == y was false.'],
	['Every label was false. So it goes.', undefined],
])('%s', (message, expected) => {
	expect(plainReason(message)).toBe(expected ?? message.trim());
});
