// The description of the API that a server gives of itself, to be held against what it does.

import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const pointer = (...steps) =>
  `api#/${steps.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1')))
    .join('/')}`;

export class Description {
  constructor(document) {
    this.document = document;
    this.ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true });
    addFormats(this.ajv);
    this.ajv.addSchema(document, 'api');
    this.templates = Object.keys(document.paths).map((template) => ({
      template,
      pattern: new RegExp(`^${template.replace(/[.]/g, '\\.').replace(/\{path\}$/, '.*')
        .replace(/\{\w+\}/g, '[^/]+')}$`),
      literals: template.split('/').filter((part) => part && !part.startsWith('{')).length,
    })).sort((a, b) => b.literals - a.literals);
  }

  static async of(url) {
    const answer = await fetch(`${url}/openapi.json`, { signal: AbortSignal.timeout(30_000) });
    return new Description(await answer.json());
  }

  /** What is wrong with a value by the schema at a place of the document. */
  faults(value, ...steps) {
    const check = this.ajv.compile({ $ref: pointer(...steps) });
    return check(value) ? [] : check.errors.map((e) => `${e.instancePath} ${e.message}`);
  }

  /** What an answer has that the document does not tell of; nothing for paths that are none. */
  answerFaults(method, target, status, body) {
    const path = target.split('?')[0].replace(/(.)\/$/, '$1');
    const verb = method.toLowerCase();
    const found = this.templates.find(({ template, pattern }) =>
      pattern.test(path) && this.document.paths[template][verb]);
    if (!found) return status === 404 || status === 400 ? [] : [`no path ${method} ${path}`];
    const answers = this.document.paths[found.template][verb].responses;
    if (!answers[status]) return [`${method} ${found.template} does not tell of ${status}`];
    if (!answers[status].content) return [];
    return this.faults(body, 'paths', found.template, verb, 'responses', String(status),
      'content', 'application/json', 'schema');
  }

  /** Every example in the document, as `[where, value, ...steps to its schema]`. */
  * examples() {
    for (const [path, methods] of Object.entries(this.document.paths)) {
      for (const [verb, operation] of Object.entries(methods)) {
        const where = `${verb} ${path}`;
        for (const [i, parameter] of (operation.parameters ?? []).entries()) {
          if ('example' in parameter) {
            yield [`${where} ${parameter.name}`, parameter.example,
              'paths', path, verb, 'parameters', String(i), 'schema'];
          }
        }
        const bodies = [[operation.requestBody, 'requestBody'],
          ...Object.entries(operation.responses).map(([status, one]) =>
            [one, 'responses', status])];
        for (const [one, ...steps] of bodies) {
          for (const [type, content] of Object.entries(one?.content ?? {})) {
            if ('example' in content) {
              yield [`${where} ${steps.join(' ')}`, content.example,
                'paths', path, verb, ...steps, 'content', type, 'schema'];
            }
          }
        }
      }
    }
  }
}
