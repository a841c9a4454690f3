import { type IncomingMessage, type OutgoingHttpHeader, type OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { HeaderFields } from './header-fields.js';

type GivenFields = OutgoingHttpHeaders | OutgoingHttpHeader[];

declare module 'node:http' {
  interface OutgoingMessage {
    getRawHeaderNames(): string[];
  }
}

/**
 * A response class with `parent`, itself a response, as its prototype's. It keeps header fields in lists until they are
 * written; what is done with them seldom is left to node:http, to which they are then handed over.
 */
export function responseWithFields(parent: ServerResponse): typeof ServerResponse {
  class FieldsResponse<R extends IncomingMessage = IncomingMessage> extends ServerResponse<R> {
    /** Undefined once node:http keeps them itself. */
    private fields: HeaderFields | undefined = new HeaderFields();
    private isHeadWritten = false;

    override setHeader(name: string, value: number | string | readonly string[]): this {
      if (typeof value !== 'string') this.handOverFields();
      if (typeof value !== 'string' || this.fields === undefined || this.isHeadWritten)
        return super.setHeader(name, value);
      this.fields.set(name, value);
      return this;
    }

    override getHeader(name: string): OutgoingHttpHeader | undefined {
      return this.fields === undefined ? super.getHeader(name) : this.fields.get(name);
    }

    override hasHeader(name: string): boolean {
      return this.fields === undefined ? super.hasHeader(name) : this.fields.get(name) !== undefined;
    }

    override getHeaders(): OutgoingHttpHeaders {
      return this.fields === undefined ? super.getHeaders() : this.fields.byKey;
    }

    override getHeaderNames(): string[] {
      return this.fields === undefined ? super.getHeaderNames() : [...this.fields.keys];
    }

    override getRawHeaderNames(): string[] {
      return this.fields === undefined ? super.getRawHeaderNames() : this.fields.names;
    }

    override appendHeader(name: string, value: string | readonly string[]): this {
      this.handOverFields();
      return super.appendHeader(name, value);
    }

    override removeHeader(name: string): void {
      this.handOverFields();
      super.removeHeader(name);
    }

    override writeHead(statusCode: number, reason?: string | GivenFields, given?: GivenFields): this {
      if (reason !== undefined || given !== undefined) this.handOverFields();
      if (this.fields !== undefined && !this.isHeadWritten) super.writeHead(statusCode, this.fields.raw);
      else if (typeof reason === 'string') super.writeHead(statusCode, reason, given);
      else super.writeHead(statusCode, reason ?? given);
      this.isHeadWritten = true;
      return this;
    }

    private handOverFields(): void {
      const { fields } = this;
      if (fields === undefined || this.isHeadWritten) return;
      this.fields = undefined;
      for (const name of fields.names) super.setHeader(name, fields.get(name) ?? '');
    }
  }

  Object.setPrototypeOf(FieldsResponse.prototype, parent);
  return FieldsResponse;
}
