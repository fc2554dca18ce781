# What the pages may load. The Amazon IVS player compiles WebAssembly, works in a worker that it makes from a
# blob, plays from a blob, and fetches playlists and segments from *.live-video.net:
# https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/player-web.html
locals {
  content_security_policy = join("; ", [
    for directive, sources in {
      default-src     = ["'self'"]
      script-src      = ["'self'", "'wasm-unsafe-eval'"]
      worker-src      = ["'self'", "blob:"]
      connect-src     = concat(["'self'", "https://*.live-video.net"], var.connect_sources)
      media-src       = ["'self'", "blob:", "https://*.live-video.net"]
      img-src         = concat(["'self'", "data:", "https://*.live-video.net"], var.image_sources)
      style-src       = ["'self'", "'sha256-${base64sha256(local.placeholder_style)}'"]
      object-src      = ["'none'"]
      base-uri        = ["'self'"]
      form-action     = ["'self'"]
      frame-ancestors = ["'none'"]
    } : "${directive} ${join(" ", sources)}"
  ])
}
