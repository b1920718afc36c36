import type { PassMethod, MultiPassMethod } from '../llm/attribution/method.ts';
import type { PerturbationMethod, ReplacementMethod } from './perturbation/method.ts';
import type { PromptMethod } from './prompting/method.ts';
import type { ReferenceMethod } from './reference/method.ts';

export type Method =
	| PassMethod
	| MultiPassMethod
	| PromptMethod
	| PerturbationMethod
	| ReplacementMethod
	| ReferenceMethod;
