/**
 * Puts a Google Calendar server through what a sync client needs, with Google's own client library for Node.
 *
 *     node google_client.mjs --api-url http://127.0.0.1:PORT/calendar/v3 --token-url … --control-url … --email …
 *
 * Every check works on a calendar of its own. It is written against the public documentation; the control API serves
 * only for tokens, for a change made by somebody else, and for forgetting sync tokens.
 */

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { parseArgs } from 'node:util'

import google from '@googleapis/calendar'

const text = { type: 'string' }
const { values: given } = parseArgs({
  options: { 'api-url': text, 'token-url': text, 'control-url': text, email: text },
})

/** Asks something of the simulator that the service has no request for. */
async function control(method, path, body) {
  const answer = await fetch(given['control-url'] + path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`)
  return answer.json()
}

/** The library with the tokens of the account. */
function client(tokens) {
  const endpoints = { oauth2TokenUrl: given['token-url'] }
  const auth = new google.auth.OAuth2({ clientId: 'conformance', clientSecret: 'not a secret', endpoints })
  auth.setCredentials(tokens)
  return google.calendar({ version: 'v3', auth, rootUrl: new URL('/', given['api-url']).href, retry: false })
}

/** Insists that a request is refused with this status and, if given, this reason. */
async function refused(status, reason, request) {
  const error = await request.then(
    (answer) => assert.fail(`expected ${status}, got ${JSON.stringify(answer.data)}`),
    (error) => error,
  )
  assert.equal(error.response?.status ?? error.status, status, error.message)
  if (reason !== undefined) assert.equal(error.response.data.error.errors[0].reason, reason)
}

/** An hour of a day in June 2026, in Paris. */
function hour(summary, day, from = 9) {
  const at = (clock) => ({
    dateTime: `2026-06-${String(day).padStart(2, '0')}T${String(clock).padStart(2, '0')}:00:00`,
    timeZone: 'Europe/Paris',
  })
  return { summary, start: at(from), end: at(from + 1) }
}

describe('Google’s client library for Node', async () => {
  let api
  let calendarId

  before(async () => {
    const tokens = await control('POST', '/tokens', { email: given.email })
    api = client(tokens)
    calendarId = (await api.calendars.insert({ requestBody: { summary: 'Conformance', timeZone: 'Europe/Paris' } }))
      .data.id
  })

  after(async () => {
    await api.calendars.delete({ calendarId })
  })

  const insert = async (requestBody) =>
    (await api.events.insert({ calendarId, sendUpdates: 'none', requestBody })).data

  /** Lists to the end; returns the items and the last page. */
  async function everything(parameters = {}) {
    const items = []
    for (let pageToken; ; ) {
      const { data } = await api.events.list({ calendarId, ...parameters, pageToken })
      items.push(...data.items)
      if (!data.nextPageToken) return { items, last: data }
      assert.equal(data.nextSyncToken, undefined, 'only the last page has a sync token')
      pageToken = data.nextPageToken
    }
  }

  test('finds the calendar in the list, renames and recolours it', async () => {
    await api.calendars.patch({ calendarId, requestBody: { summary: 'Renamed' } })
    await api.calendarList.patch({ calendarId, requestBody: { colorId: '9', summaryOverride: 'Mine' } })
    const { data: entry } = await api.calendarList.get({ calendarId })
    assert.deepEqual(
      [entry.summary, entry.summaryOverride, entry.colorId, entry.accessRole],
      ['Renamed', 'Mine', '9', 'owner'],
    )
    const { data: list } = await api.calendarList.list()
    assert.ok(list.items.some((item) => item.id === calendarId) && list.nextSyncToken)
    const { data: colors } = await api.colors.get()
    assert.equal(colors.calendar[9].background, entry.backgroundColor)
  })

  test('inserts under an id of its own, and only once', async () => {
    const id = randomUUID().replaceAll('-', '')
    const event = await insert({ id, ...hour('Ours', 1) })
    assert.deepEqual([event.id, event.iCalUID, event.status], [id, `${id}@google.com`, 'confirmed'])
    await refused(409, 'duplicate', api.events.insert({ calendarId, requestBody: { id, ...hour('Twin', 1) } }))
    await refused(400, 'invalid', api.events.insert({ calendarId, requestBody: { id: 'NOT-AN-ID', ...hour('x', 1) } }))
  })

  test('patches with If-Match, and not what somebody else has changed', async () => {
    const event = await insert({ ...hour('Before', 2), location: 'Here' })
    const where = { calendarId, eventId: event.id }
    const ifMatch = (etag) => ({ headers: { 'If-Match': etag } })
    const { data: patched } = await api.events.patch(
      { ...where, requestBody: { summary: 'After', location: null } },
      ifMatch(event.etag),
    )
    assert.deepEqual([patched.summary, patched.location, patched.start], ['After', undefined, event.start])
    await control('PUT', `/calendars/${calendarId}/events`, { id: event.id, summary: 'By phone' })
    const stale = api.events.patch({ ...where, requestBody: { summary: 'Late' } }, ifMatch(patched.etag))
    await refused(412, 'conditionNotMet', stale)
    await refused(412, 'conditionNotMet', api.events.delete(where, ifMatch(patched.etag)))
    assert.equal((await api.events.get(where)).data.summary, 'By phone')
  })

  test('deletes once, and finds a tombstone', async () => {
    const { id: eventId } = await insert(hour('Short', 3))
    const answer = await api.events.delete({ calendarId, eventId })
    assert.equal(answer.status, 204)
    await refused(410, 'deleted', api.events.delete({ calendarId, eventId }))
    assert.equal((await api.events.get({ calendarId, eventId })).data.status, 'cancelled')
    await refused(404, 'notFound', api.events.get({ calendarId, eventId: 'neverexisted' }))
  })

  test('reads pages that add up', async () => {
    for (const day of [4, 5, 6, 7, 8]) await insert(hour('Page', day))
    const whole = await everything()
    const parts = await everything({ maxResults: 2 })
    const ids = (items) => items.map((item) => item.id).sort()
    assert.deepEqual(ids(parts.items), ids(whole.items))
    assert.ok(whole.items.length > 5 && parts.last.nextSyncToken)
    const { data: part } = await api.events.list({ calendarId, maxResults: 1, fields: 'items(id,start/dateTime)' })
    assert.deepEqual(Object.keys(part), ['items'])
    assert.deepEqual(Object.keys(part.items[0]).sort(), ['id', 'start'])
  })

  test('reads what changed since a sync token, and everything again when it is lost', async () => {
    const { last } = await everything()
    const kept = await insert(hour('New', 9))
    const gone = await insert(hour('Gone', 9))
    await api.events.delete({ calendarId, eventId: gone.id })
    const { items, last: next } = await everything({ syncToken: last.nextSyncToken, maxResults: 1 })
    const states = Object.fromEntries(items.map((item) => [item.id, item.status]))
    assert.deepEqual(states, { [kept.id]: 'confirmed', [gone.id]: 'cancelled' })
    const syncToken = next.nextSyncToken
    assert.deepEqual((await everything({ syncToken })).items, [])
    await refused(400, undefined, api.events.list({ calendarId, syncToken, timeMin: '2026-06-01T00:00:00Z' }))

    await control('POST', `/calendars/${calendarId}/expire-sync-tokens`)
    await refused(410, 'fullSyncRequired', api.events.list({ calendarId, syncToken }))
    const again = await everything()
    assert.ok(again.items.some((item) => item.id === kept.id))
    await everything({ syncToken: again.last.nextSyncToken })
  })

  test('sees the instances of a series, with exceptions and gaps', async () => {
    const series = await insert({ ...hour('Daily', 10), recurrence: ['RRULE:FREQ=DAILY;COUNT=3'] })
    const instances = async (more) =>
      (await api.events.instances({ calendarId, eventId: series.id, ...more })).data.items
    const [, second, third] = await instances()
    assert.equal(second.recurringEventId, series.id)
    await api.events.patch({ calendarId, eventId: second.id, requestBody: { summary: 'Once' } })
    await api.events.delete({ calendarId, eventId: third.id })
    assert.deepEqual((await instances()).map((item) => item.summary), ['Daily', 'Once'])
    assert.equal((await instances({ showDeleted: true })).length, 3)
    const { items } = await everything()
    assert.equal(items.find((item) => item.id === third.id).status, 'cancelled', 'a gap is data')
  })

  test('moves an event, and imports another', async () => {
    const { data: other } = await api.calendars.insert({ requestBody: { summary: 'Conformance 2' } })
    const { id: eventId } = await insert(hour('Mover', 14))
    const { data: moved } = await api.events.move({ calendarId, eventId, destination: other.id })
    assert.deepEqual([moved.id, moved.organizer.email], [eventId, other.id])
    assert.equal((await api.events.get({ calendarId, eventId })).data.status, 'cancelled')
    await api.calendars.delete({ calendarId: other.id })

    const requestBody = { ...hour('Copy', 15), iCalUID: `${randomUUID()}@example.org` }
    const { data: once } = await api.events.import({ calendarId, requestBody })
    const { data: twice } = await api.events.import({ calendarId, requestBody: { ...requestBody, summary: 'Copy 2' } })
    assert.deepEqual([twice.id, twice.summary], [once.id, 'Copy 2'])
  })

  test('asks when somebody is busy', async () => {
    await insert(hour('Taken', 16))
    const { data } = await api.freebusy.query({
      requestBody: { timeMin: '2026-06-16T00:00:00Z', timeMax: '2026-06-17T00:00:00Z', items: [{ id: calendarId }] },
    })
    const busy = [{ start: '2026-06-16T07:00:00Z', end: '2026-06-16T08:00:00Z' }]
    assert.deepEqual(data.calendars[calendarId].busy, busy)
  })

  test('is called when a watched calendar changes, until it stops the channel', async () => {
    const messages = []
    let arrived = () => {}
    const hooks = createServer((request, answer) => {
      messages.push(request.headers)
      arrived()
      answer.end()
    })
    await new Promise((listening) => hooks.listen(0, '127.0.0.1', listening))
    const until = async (count) => {
      while (messages.length < count) await new Promise((next) => (arrived = next))
    }
    const id = randomUUID()
    const address = `http://127.0.0.1:${hooks.address().port}/hook`
    const requestBody = { id, type: 'web_hook', address, token: 'secret' }
    const { data: channel } = await api.events.watch({ calendarId, requestBody })
    assert.ok(channel.resourceId && Number(channel.expiration) > 0)
    await until(1)
    await insert(hour('Watched', 17))
    await until(2)
    const seen = messages.map((headers) => [headers['x-goog-resource-state'], headers['x-goog-channel-token']])
    assert.deepEqual(seen, [['sync', 'secret'], ['exists', 'secret']])
    assert.equal(messages[0]['x-goog-message-number'], '1')

    const stop = { requestBody: { id, resourceId: channel.resourceId } }
    assert.equal((await api.channels.stop(stop)).status, 204)
    await refused(404, 'notFound', api.channels.stop(stop))
    // A channel of another id is told of what comes next: so is the stopped one, were it still there.
    await api.events.watch({ calendarId, requestBody: { ...requestBody, id: randomUUID(), token: 'other' } })
    await until(3)
    await insert(hour('Watched by another', 17))
    await until(4)
    assert.deepEqual(messages.slice(2).map((headers) => headers['x-goog-channel-token']), ['other', 'other'])
    hooks.close()
    hooks.closeAllConnections()
  })

  test('renews an access token that has run out', async () => {
    const { refresh_token } = await control('POST', '/tokens', { email: given.email })
    const late = client({ access_token: 'made-up', refresh_token })
    assert.equal((await late.calendarList.get({ calendarId })).data.id, calendarId)
    const stranger = client({ access_token: 'made-up' })
    await refused(401, 'authError', stranger.calendarList.get({ calendarId }))
  })
})
