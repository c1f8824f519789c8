const ISSUER = 'https://id.example.com/pool'
const CLIENT_ID = 'apps'
const LIFETIME_SECONDS = 3600

interface Authorization {
  nonce: string
  challenge: string
}

/** An OpenID Connect provider for tests; the app reaches it by `fetch`, and the user by {@link authorize}. */
export class TestProvider {
  readonly settings: { issuer: string; clientId: string }
  /** Claims that replace those of the next tokens. */
  claims: Record<string, unknown> = {}
  available = true
  /** Whether refresh tokens are refused. */
  revoked = false
  /** Whether the provider has a revocation endpoint, and its status. */
  revocation: { status: number } | undefined = { status: 200 }
  /** Tokens that the app has revoked. */
  revokedTokens: (string | null)[] = []
  /** Number of redeemed codes. */
  redeemed = 0
  /** Number of the current refresh token. */
  refreshes = 1
  /** The last request of {@link authorize}. */
  requested = new URL(ISSUER)
  readonly #issuer: string
  readonly #redirectUri: string
  #codes = new Map<string, Authorization>()

  constructor(redirectUri: string, issuer = ISSUER) {
    this.#redirectUri = redirectUri
    this.#issuer = issuer
    this.settings = { issuer, clientId: CLIENT_ID }
  }

  /** Signs the user in; returns the address to which the browser is sent. */
  authorize(address: string): string {
    const url = new URL(address)
    this.requested = url
    const parameter = (name: string) => url.searchParams.get(name) ?? ''
    if (url.origin + url.pathname !== `${new URL(ISSUER).origin}/sign-in`)
      throw new Error(`not the sign-in page: ${address}`)
    if (parameter('redirect_uri') !== this.#redirectUri) throw new Error('unregistered redirect_uri')
    const code = `code-${String(this.#codes.size + 1)}`
    this.#codes.set(code, { nonce: parameter('nonce'), challenge: parameter('code_challenge') })
    const response = new URL(this.#redirectUri)
    response.searchParams.set('code', code)
    response.searchParams.set('state', parameter('state'))
    response.searchParams.set('iss', this.#issuer)
    return response.href
  }

  fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    if (!this.available) throw new TypeError('fetch failed')
    const url = input instanceof Request ? input.url : String(input)
    if (url === `${ISSUER}/.well-known/openid-configuration`) return Response.json(this.#document())
    if (url === `${ISSUER}/token`) return this.#tokens(new URLSearchParams(init?.body as URLSearchParams))
    if (url === `${ISSUER}/revoke`) return this.#revoke(new URLSearchParams(init?.body as URLSearchParams))
    return new Response(null, { status: 404 })
  }

  #document() {
    return {
      issuer: this.#issuer,
      authorization_endpoint: `${new URL(ISSUER).origin}/sign-in`,
      token_endpoint: `${ISSUER}/token`,
      end_session_endpoint: `${ISSUER}/logout`,
      ...(this.revocation && { revocation_endpoint: `${ISSUER}/revoke` }),
      jwks_uri: `${ISSUER}/jwks`,
      scopes_supported: ['openid', 'offline_access'],
      authorization_response_iss_parameter_supported: true,
    }
  }

  async #tokens(form: URLSearchParams): Promise<Response> {
    if (form.get('client_id') !== CLIENT_ID) return refusal('invalid_client')
    if (form.get('grant_type') === 'refresh_token') {
      if (this.revoked || form.get('refresh_token') !== this.#refreshToken) return refusal('invalid_grant')
      this.refreshes += 1
      return this.#issue(undefined)
    }
    const code = form.get('code') ?? ''
    const authorization = this.#codes.get(code)
    this.#codes.set(code, { nonce: '', challenge: '' })
    const challenge = await s256(form.get('code_verifier') ?? '')
    if (authorization?.challenge !== challenge) return refusal('invalid_grant')
    this.redeemed += 1
    return this.#issue(authorization.nonce)
  }

  #revoke(form: URLSearchParams): Response {
    if (form.get('client_id') !== CLIENT_ID) return refusal('invalid_client')
    this.revokedTokens.push(form.get('token'))
    return new Response(null, this.revocation)
  }

  get #refreshToken(): string {
    return `refresh-${String(this.refreshes)}`
  }

  #issue(nonce: string | undefined): Response {
    const now = Math.floor(Date.now() / 1000)
    const claims = {
      iss: this.#issuer,
      aud: CLIENT_ID,
      sub: 'alice',
      iat: now,
      exp: now + LIFETIME_SECONDS,
      nonce,
      'https://hasura.io/jwt/claims': {
        'x-hasura-default-role': 'customer',
        'x-hasura-allowed-roles': ['customer'],
        'x-hasura-user-id': 'alice',
      },
      ...this.claims,
    }
    const id_token = [{ alg: 'RS256', kid: '1' }, claims].map((part) => base64url(JSON.stringify(part)))
    return Response.json({
      token_type: 'Bearer',
      access_token: 'opaque',
      expires_in: LIFETIME_SECONDS,
      id_token: [...id_token, base64url('signature')].join('.'),
      refresh_token: this.#refreshToken,
    })
  }
}

function refusal(error: string): Response {
  return Response.json({ error }, { status: 400 })
}

async function s256(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  return base64url(String.fromCharCode(...new Uint8Array(digest)))
}

function base64url(text: string): string {
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
