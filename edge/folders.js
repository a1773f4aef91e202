// CloudFront runs this for the pages in folders. A bucket knows no index of a folder: /moderate/ asks for /moderate/index.html, and
// /moderate does, too. template.yaml contains the same text.
function handler(event) {
  const request = event.request;
  const name = request.uri.slice(request.uri.lastIndexOf('/') + 1);
  if (name === '') request.uri += 'index.html';
  else if (!name.includes('.')) request.uri += '/index.html';
  return request;
}
