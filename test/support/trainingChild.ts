/** A process that trains in the folder it is given, to be killed. */
import { finetune } from '../../src/training/finetune.ts';
import { quietly, smallTraining } from './smallTraining.ts';

const [folder = '', settings = '{}'] = process.argv.slice(2);
const onStep = ({ step }: { step: number }): void => void process.send?.(step);
await finetune(smallTraining(folder, JSON.parse(settings) as object), quietly({ onStep }));
