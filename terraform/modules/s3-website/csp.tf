# What the pages may load. The Amazon IVS player compiles WebAssembly, works in a worker that it makes from a
# blob, plays from a blob, and fetches playlists and segments from *.live-video.net:
# https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/player-web.html
locals {
  content_security_policy = join("; ", [
    for directive, sources in {
      default-src     = ["'self'"]
      script-src      = concat(["'self'", "'wasm-unsafe-eval'"], var.script_sources)
      frame-src       = concat(["'self'"], var.frame_sources)
      worker-src      = ["'self'", "blob:"]
      connect-src     = concat(["'self'", "https://*.live-video.net"], var.connect_sources)
      media-src       = ["'self'", "blob:", "https://*.live-video.net"]
      img-src         = ["'self'", "data:", "https://*.live-video.net"]
      style-src       = ["'self'", "'sha256-${base64sha256(local.placeholder_style)}'"]
      object-src      = ["'none'"]
      base-uri        = ["'self'"]
      form-action     = ["'self'"]
      frame-ancestors = ["'none'"]
    } : "${directive} ${join(" ", sources)}"
  ])
}
