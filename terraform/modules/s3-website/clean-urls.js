// /shop and /shop/ are /shop/index.html; a last part with a dot in it is a file, and so is all of /.well-known/.
function handler(event) {
  var request = event.request;
  var uri = request.uri;

  if (uri.startsWith('/.well-known/')) {
    return request;
  }
  if (uri.endsWith('/')) {
    request.uri = uri + 'index.html';
  } else if (!uri.slice(uri.lastIndexOf('/')).includes('.')) {
    request.uri = uri + '/index.html';
  }
  return request;
}
