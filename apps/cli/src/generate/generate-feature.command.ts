import { IsString } from 'class-validator';
import { Argument } from 'commander';
import { defineCheckoutCommand } from '../cli-command.js';
import { generateFeatureIn } from './feature-generator.js';

class GenerateFeatureInput {
  @IsString()
  name: string;
}

export const generateFeature = defineCheckoutCommand({
  name: 'feature',
  summary: 'Write a new feature: a library, its migration and its end-to-end test.',
  notes:
    'It is complete as it is: permissions, problems, table, five routes, audit. Change it into what you need.\n' +
    'docs/extending.md tells what each file is for. Needs a checkout, but neither a database nor any configuration.',
  examples: { 'generate feature gift-cards': 'libs/gift-cards, with the routes /api/v1/gift-cards' },
  input: GenerateFeatureInput,
  flags: { name: new Argument('<name>', 'a plural in kebab-case, such as gift-cards') },
  run: async ({ name }) => {
    const files = generateFeatureIn(process.cwd(), name, new Date());
    const text = [
      ...files.map((path) => `  ${path}`),
      `Try it: npm test -- ${name}. What to do next is in docs/extending.md.`,
    ].join('\n');
    return { data: { files }, text };
  },
});
