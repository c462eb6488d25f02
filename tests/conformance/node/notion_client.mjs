/**
 * Puts a Notion server through what a sync client needs, with Notion's own client.
 *
 *     node notion_client.mjs --api-url http://127.0.0.1:PORT/v1 --access-token … --auth-url … --control-url …
 *
 * It is written against the public documentation. The control API makes what has no request in the API: databases at
 * the top of a workspace, changes by a person, limits, webhook subscriptions.
 */

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { before, describe, test } from 'node:test'
import { parseArgs } from 'node:util'

import {
  APIErrorCode,
  APIResponseError,
  Client,
  ClientErrorCode,
  collectPaginatedAPI,
  isFullDataSource,
  isFullPage,
  verifyWebhookSignature,
} from '@notionhq/client'

const text = { type: 'string' }
const { values: given } = parseArgs({
  options: { 'api-url': text, 'access-token': text, 'auth-url': text, 'control-url': text },
})
const origin = new URL(given['api-url']).origin

/** Notion's client, which asks once and reports what it was told. */
function client(more = {}) {
  return new Client({
    auth: given['access-token'],
    baseUrl: origin,
    notionVersion: '2026-03-11',
    retry: false,
    logger: () => {},
    ...more,
  })
}

/** Asks something of the simulator that the service has no request for. */
async function control(method, path, body) {
  const answer = await fetch(given['control-url'] + path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`)
  return answer.json()
}

/** Insists that a request is refused with this code, as an error of the client's own class. */
async function refused(code, status, request) {
  const error = await request.then(
    (answer) => assert.fail(`expected ${code}, got ${JSON.stringify(answer)}`),
    (error) => error,
  )
  assert.ok(APIResponseError.isAPIResponseError(error), `${error}`)
  assert.equal(error.code, code)
  assert.equal(error.status, status)
  assert.match(error.request_id, /^[0-9a-f-]{36}$/)
  return error
}

const title = (content) => ({ title: [{ text: { content } }] })
const nameOf = (page) => page.properties.Name.title.map((run) => run.plain_text).join('')

describe('a Notion server', () => {
  const notion = client()
  let source
  let database

  /** Creates a row of the test's own database. */
  const create = (name, more = {}) =>
    notion.pages.create({
      parent: { type: 'data_source_id', data_source_id: source },
      properties: { Name: title(name), ...more },
    })

  const query = (more = {}) => notion.dataSources.query({ data_source_id: source, ...more })

  before(async () => {
    const made = await control('POST', '/databases', {
      title: 'Conformance',
      properties: {
        Name: { title: {} },
        When: { date: {} },
        Notes: { rich_text: {} },
        Area: { select: {} },
        State: { status: {} },
      },
    })
    source = made.data_source_id
    database = made.database_id
  })

  test('says who asks', async () => {
    const me = await notion.users.me({})
    assert.equal(me.type, 'bot')
    assert.equal(me.bot.owner.type, 'workspace')
    const people = await collectPaginatedAPI(notion.users.list, {})
    assert.ok(people.some((user) => user.type === 'person' && user.person.email))
  })

  test('finds data sources by their titles', async () => {
    const found = await notion.search({
      query: 'conform',
      filter: { property: 'object', value: 'data_source' },
    })
    assert.deepEqual(found.results.map((result) => result.id), [source])
    assert.equal(found.type, 'page_or_data_source')
  })

  test('shows a database, its data source and the columns', async () => {
    const container = await notion.databases.retrieve({ database_id: database })
    assert.deepEqual(container.data_sources, [{ id: source, name: 'Conformance' }])
    const table = await notion.dataSources.retrieve({ data_source_id: source })
    assert.ok(isFullDataSource(table))
    assert.equal(table.properties.Name.id, 'title')
    assert.equal(table.properties.When.type, 'date')
    assert.equal(table.parent.database_id, database)
  })

  test('creates, reads, changes, trashes and restores a page', async () => {
    const page = await create('Dinner', {
      When: { date: { start: '2026-12-01T19:00:00', time_zone: 'Europe/Berlin' } },
      Notes: {
        rich_text: [
          { text: { content: 'bring ' } },
          { text: { content: 'wine', link: { url: 'https://example.com/wine' } }, annotations: { bold: true } },
        ],
      },
      Area: { select: { name: 'Home' } },
    })
    assert.ok(isFullPage(page))
    assert.equal(page.properties.When.date.start, '2026-12-01T19:00:00.000+01:00')
    assert.equal(page.properties.When.date.time_zone, null)
    const changed = await notion.pages.update({
      page_id: page.id,
      properties: { When: { date: { start: '2026-12-02', end: '2026-12-03' } } },
    })
    assert.deepEqual(changed.properties.When.date, { start: '2026-12-02', end: '2026-12-03', time_zone: null })
    assert.equal(changed.properties.Notes.rich_text[1].annotations.bold, true)
    const trashed = await notion.pages.update({ page_id: page.id, in_trash: true })
    assert.equal(trashed.in_trash, true)
    const late = await refused(
      APIErrorCode.ValidationError,
      400,
      notion.pages.update({ page_id: page.id, properties: { Name: title('Late') } }),
    )
    assert.match(late.message, /archived/)
    await notion.pages.update({ page_id: page.id, in_trash: false })
    const back = await notion.pages.retrieve({ page_id: page.id })
    assert.equal(back.in_trash, false)
    assert.equal(nameOf(back), 'Dinner')
  })

  test('answers queries in pages, filtered and sorted', async () => {
    for (const day of [3, 1, 2, 5, 4]) await create(`Row ${day}`, { When: { date: { start: `2027-01-0${day}` } } })
    const filter = { property: 'When', date: { on_or_after: '2027-01-02' } }
    const sorts = [{ property: 'When', direction: 'ascending' }]
    const first = await query({ filter, sorts, page_size: 3 })
    assert.equal(first.has_more, true)
    assert.equal(first.results.length, 3)
    const rest = await query({ filter, sorts, page_size: 3, start_cursor: first.next_cursor })
    assert.equal(rest.has_more, false)
    const names = [...first.results, ...rest.results].map(nameOf)
    assert.deepEqual(names, ['Row 2', 'Row 3', 'Row 4', 'Row 5'])
    const recent = await query({
      filter: { timestamp: 'last_edited_time', last_edited_time: { on_or_after: first.results[0].last_edited_time } },
      filter_properties: ['title'],
    })
    assert.ok(recent.results.length >= 4)
    assert.deepEqual(Object.keys(recent.results[0].properties), ['Name'])
    await refused(APIErrorCode.ValidationError, 400, query({ page_size: 101 }))
    await refused(APIErrorCode.ValidationError, 400, query({ start_cursor: 'made-up' }))
  })

  test('gives long values piece by piece', async () => {
    const runs = Array.from({ length: 60 }, (_, n) => ({
      text: { content: `${n} ` },
      annotations: { bold: n % 2 === 0 },
    }))
    const page = await create('Long', { Notes: { rich_text: runs } })
    const items = await collectPaginatedAPI(notion.pages.properties.retrieve, {
      page_id: page.id,
      property_id: page.properties.Notes.id,
      page_size: 25,
    })
    assert.equal(items.length, 60)
    assert.equal(items[59].rich_text.plain_text, '59 ')
  })

  test('keeps the body of a page in blocks', async () => {
    const page = await create('With a body')
    const paragraph = (content) => ({ paragraph: { rich_text: [{ text: { content } }] } })
    const added = await notion.blocks.children.append({
      block_id: page.id,
      children: [paragraph('one'), paragraph('three')],
    })
    await notion.blocks.children.append({
      block_id: page.id,
      children: [paragraph('two')],
      position: { type: 'after_block', after_block: { id: added.results[0].id } },
    })
    await notion.blocks.update({ block_id: added.results[1].id, ...paragraph('last') })
    const listed = await notion.blocks.children.list({ block_id: page.id })
    const texts = listed.results.map((block) => block.paragraph.rich_text[0].plain_text)
    assert.deepEqual(texts, ['one', 'two', 'last'])
    await notion.blocks.delete({ block_id: added.results[0].id })
    const markdown = await notion.pages.retrieveMarkdown({ page_id: page.id })
    assert.equal(markdown.markdown, 'two\nlast')
  })

  test('changes columns, whose ids stay', async () => {
    const before = await notion.dataSources.retrieve({ data_source_id: source })
    const after = await notion.dataSources.update({
      data_source_id: source,
      properties: { Area: { name: 'Bereich' }, Extra: { checkbox: {} } },
    })
    assert.equal(after.properties.Bereich.id, before.properties.Area.id)
    assert.equal(after.properties.Extra.type, 'checkbox')
    const less = await notion.dataSources.update({
      data_source_id: source,
      properties: { [after.properties.Extra.id]: null },
    })
    assert.equal(less.properties.Extra, undefined)
  })

  test('refuses in classes that the client knows', async () => {
    const nowhere = '00000000-0000-4000-8000-000000000000'
    await refused(APIErrorCode.ObjectNotFound, 404, notion.pages.retrieve({ page_id: nowhere }))
    await refused(APIErrorCode.ObjectNotFound, 404, notion.dataSources.retrieve({ data_source_id: nowhere }))
    await refused(APIErrorCode.Unauthorized, 401, client({ auth: 'ntn_nobody' }).users.me({}))
    await refused(APIErrorCode.ValidationError, 400, create('x', { Nope: { checkbox: true } }))
    await refused(APIErrorCode.InvalidRequestURL, 400, notion.request({ path: 'nowhere', method: 'get' }))
    for (const [status, reason] of [
      [409, APIErrorCode.ConflictError],
      [500, APIErrorCode.InternalServerError],
      [503, APIErrorCode.ServiceUnavailable],
      [504, APIErrorCode.GatewayTimeout],
      [529, APIErrorCode.ServiceOverload],
    ]) {
      await control('POST', '/faults', { times: 1, effect: { kind: 'status', status, reason } })
      await refused(reason, status, notion.users.me({}))
    }
    await control('POST', '/faults', { times: 1, effect: { kind: 'html_bad_gateway' } })
    const error = await notion.users.me({}).catch((error) => error)
    assert.equal(error.code, ClientErrorCode.ResponseError)
  })

  test('limits how often it is asked, and is asked again in time', async () => {
    await control('PUT', '/quota', { window_seconds: 1, per_connection: 3 })
    try {
      const patient = client({ retry: { maxRetries: 10 } })
      await control('DELETE', '/requests')
      const answers = await Promise.all(Array.from({ length: 6 }, () => patient.users.me({})))
      assert.equal(answers.length, 6)
      const seen = await control('GET', '/requests')
      assert.ok(seen.some((request) => request.status === 429), 'somebody had to wait')
      assert.equal(seen.filter((request) => request.status === 200).length, 6)
    } finally {
      await control('PUT', '/quota', null)
    }
  })

  test('lets a person sign in, and renews tokens', async () => {
    const redirect = 'http://127.0.0.1:9/back'
    const asked = new URLSearchParams({
      client_id: 'conformance',
      redirect_uri: redirect,
      response_type: 'code',
      owner: 'user',
      state: 'a state',
    })
    const consent = await fetch(`${given['auth-url']}?${asked}`, { redirect: 'manual' })
    assert.equal(consent.status, 302)
    const back = new URL(consent.headers.get('location'))
    assert.equal(back.searchParams.get('state'), 'a state')
    const oauth = { client_id: 'conformance', client_secret: 'not a secret' }
    const code = back.searchParams.get('code')
    const tokens = await notion.oauth.token({
      ...oauth,
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirect,
    })
    assert.equal(tokens.token_type, 'bearer')
    const signedIn = client({ auth: tokens.access_token })
    const me = await signedIn.users.me({})
    assert.equal(me.id, tokens.bot_id)
    assert.equal(me.bot.owner.type, 'user')
    await signedIn.dataSources.retrieve({ data_source_id: source })
    const renewed = await notion.oauth.token({
      ...oauth,
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token,
    })
    await refused(APIErrorCode.Unauthorized, 401, signedIn.users.me({}))
    const again = notion.oauth.token({ ...oauth, grant_type: 'refresh_token', refresh_token: tokens.refresh_token })
    await assert.rejects(again, (error) => error.status === 400 && error.body.includes('invalid_grant'))
    const state = await notion.oauth.introspect({ ...oauth, token: renewed.access_token })
    assert.equal(state.active, true)
    await notion.oauth.revoke({ ...oauth, token: renewed.access_token })
    const gone = await notion.oauth.introspect({ ...oauth, token: renewed.access_token })
    assert.equal(gone.active, false)
  })

  test('signs its webhooks as the client verifies them', async () => {
    const received = []
    let arrived = () => {}
    const receiver = createServer((request, response) => {
      const chunks = []
      request.on('data', (chunk) => chunks.push(chunk))
      request.on('end', () => {
        received.push({ body: Buffer.concat(chunks).toString(), signature: request.headers['x-notion-signature'] })
        response.end()
        arrived()
      })
    })
    const count = async (wanted) => {
      while (received.length < wanted) await new Promise((resolve) => (arrived = resolve))
    }
    await new Promise((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    try {
      const url = `http://127.0.0.1:${receiver.address().port}/hook`
      const made = await control('POST', '/webhooks', { url, events: ['page.created'] })
      await count(1)
      const { verification_token: token } = JSON.parse(received[0].body)
      assert.equal(received[0].signature, undefined)
      await control('POST', `/webhooks/${made.id}/verify`, { verification_token: token })
      const page = await control('POST', `/data_sources/${source}/pages`, { properties: { Name: title('Heard') } })
      await count(2)
      const { body, signature } = received[1]
      assert.equal(await verifyWebhookSignature({ body, signature, verificationToken: token }), true)
      const event = JSON.parse(body)
      assert.equal(event.type, 'page.created')
      assert.equal(event.entity.id, page.id)
      assert.equal(event.data.parent.data_source_id, source)
      assert.equal(event.authors[0].type, 'person')
      await control('DELETE', `/webhooks/${made.id}`)
    } finally {
      receiver.close()
    }
  })
})
