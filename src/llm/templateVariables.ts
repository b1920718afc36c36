/** What a chat template is told beside the conversation: `{ enable_thinking: false }`. */
import { UserError, unknownName } from '../core/errors.ts';
import { contentId } from '../core/ids.ts';
import type { TemplateVariables } from '../core/task.ts';
import type { LanguageModel } from './languageModel.ts';

/** Returns the identity of a model whose template is told these variables: it reads other prompts. */
export function identityTold(identity: string, variables: TemplateVariables | undefined): string {
	return isEmpty(variables) ? identity : contentId({ identity, template: variables });
}

/**
 * Returns the model with a template that is told these variables in every conversation. Throws a `UserError` for a name that its
 * template does not read.
 */
export function withTemplateVariables(model: LanguageModel, variables: TemplateVariables | undefined): LanguageModel {
	if (variables === undefined || isEmpty(variables)) return model;
	const known = model.templateNames ?? [];
	const strange = Object.keys(variables).find((name) => !known.includes(name));
	if (strange !== undefined) throw notRead(model.id, strange, known);
	return {
		...model,
		identity: identityTold(model.identity, variables),
		renderChat: (messages, more) => model.renderChat(messages, { ...variables, ...more }),
	};
}

function isEmpty(variables: TemplateVariables | undefined): boolean {
	return Object.keys(variables ?? {}).length === 0;
}

function notRead(id: string, name: string, known: readonly string[]): UserError {
	const where = `template: the chat template of "${id}" does not read it`;
	if (known.length > 0) return unknownName(where, 'name', name, known);
	return new UserError(
		`template: the chat template of "${id}" reads no name but the conversation, so "${name}" would change nothing. ` +
			'Leave it out, or give it to those models of the study that read it: { id: …, template: { … } }.',
	);
}
