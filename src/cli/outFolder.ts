import { basename, extname, join } from 'node:path';

/** Returns where the results of a study go: as asked for, else `runs/` and the study file's name without its ending. */
export function outFolder(study: string, asked: string | undefined): string {
	return asked ?? join('runs', basename(study, extname(study)));
}
