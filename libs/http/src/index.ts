export { AddressRanges, normalizeAddress } from './client-address.js';
export { CreationRecords, type RecordedCreation, type RepeatableRequest } from './creation-records.js';
export { Cursors, type Position } from './cursors.js';
export { csvLine, formulaCharacters, type CsvValue } from './csv.js';
export {
  download,
  downloadFormats,
  downloadText,
  ReturnsDownload,
  type Download,
  type DownloadFormat,
  type TextDownload,
} from './download.js';
export { TranslatesErrors, type ErrorTranslator } from './error-translator.js';
export type { EventStream, StreamCheck } from './event-stream.js';
export { StreamProblems } from './event-stream.problems.js';
export { EventStreams, type StreamTerms } from './event-streams.js';
export { Feature, featureOf, type FeatureDescription } from './feature.decorator.js';
export { HonoursIfMatch, honoursIfMatch } from './honours-if-match.decorator.js';
export { HttpConfig } from './http.config.js';
export { HttpModule } from './http.module.js';
export { RequestProblems, ServerProblems } from './http.problems.js';
export { Id } from './id.decorator.js';
export { IsId } from './is-id.decorator.js';
export { IsTime, isWritable } from './is-time.decorator.js';
export { parseJsonBody } from './json-body.js';
export { requestOf, responseOf } from './messages-of.js';
export { Clearable, Optional } from './optional.decorators.js';
export { PageOf, PageQuery, type Page } from './page.dto.js';
export { problemAnswer, problemUrl, type ProblemAnswer } from './problem-document.js';
export { ProblemFilter } from './problem.filter.js';
export {
  defineProblems,
  Problem,
  problemCatalogue,
  type InputFault,
  type ProblemDefinition,
  type ProblemOptions,
} from './problem.js';
export { withoutKeys } from './key-redaction.js';
export { AnyQuery, QueryParametersGuard } from './query-parameters.guard.js';
export { RequestBodyReader } from './request-body.reader.js';
export { RequestContext, unknownCaller, type Caller } from './request-context.js';
export { asResource, resourceHeaders } from './resource.js';
export { declaredProblems, MayFailWith, Returns, ReturnsEvents } from './returns.decorator.js';
export { KeywardHttpAdapter, type KeywardHttpAdapterOptions } from './server/keyward-http.adapter.js';
export type { AnswerOutcome, HttpServerHooks } from './server/http-server.hooks.js';
export { RowProblem } from './row-problem.dto.js';
export { ShownOnce } from './shown-once.decorator.js';
export { isUuid, uuidV7 } from './uuid-v7.js';
export { invalid, RequestValidationPipe } from './validation.pipe.js';
