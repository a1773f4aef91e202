// CloudFront runs this on a socket's handshake. A WebSocket API has no path below its stage, so the session id of
// /live-chat/ws/{id} moves into the query. template.yaml contains the same text and fills in the name of its stage.
const STAGE = '${StageName}';
const SOCKET_PATH = /^\/live-chat\/ws\/([0-9]+)$/;
// All other parameters are dropped, above all a session_id that the client sends, however it is encoded.
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
