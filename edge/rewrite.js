// CloudFront runs this on the handshake of a socket. A WebSocket API has no path beyond its stage, so the session of
// /live-chat/ws/{id} moves into the query. template.yaml holds the same text, and fills in the name of its stage.
const STAGE = '${StageName}';
const SOCKET_PATH = /^\/live-chat\/ws\/([0-9]+)$/;
// Whatever else a client sends stays here, above all a session_id of its own, however its letters are encoded.
const KEPT = ['token', 'ticket', 'batch'];
const NOT_FOUND = {
  statusCode: 404,
  statusDescription: 'Not Found',
  headers: { 'content-type': { value: 'application/json' } },
  body: { encoding: 'text', data: '{"message":"Not Found"}' },
};

function handler(event) {
  const request = event.request;
  const path = SOCKET_PATH.exec(request.uri);
  if (!path) return NOT_FOUND;
  const query = { session_id: { value: path[1] } };
  KEPT.forEach((name) => {
    if (request.querystring[name]) query[name] = { value: request.querystring[name].value };
  });
  request.uri = '/' + STAGE;
  request.querystring = query;
  return request;
}
