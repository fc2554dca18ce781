# A page that is there from the first apply until the site itself is uploaded over it.
locals {
  placeholder_style = trimspace(file("${path.module}/placeholder/style.css"))
  name_in_html      = replace(replace(replace(var.name, "&", "&amp;"), "<", "&lt;"), ">", "&gt;")

  placeholder_pages = {
    "index.html" = { title = local.name_in_html, message = "Something is being set up here. Come back soon." }
    "404.html"   = { title = "Not found", message = "There is nothing at this address." }
  }
}

resource "aws_s3_object" "placeholder" {
  for_each = local.placeholder_pages

  bucket        = module.bucket.bucket_id
  key           = each.key
  content_type  = "text/html; charset=utf-8"
  cache_control = "max-age=60"

  content = templatefile("${path.module}/placeholder/page.html.tftpl", {
    style   = local.placeholder_style
    name    = local.name_in_html
    title   = each.value.title
    message = each.value.message
  })

  # S3 allows ten tags on an object, fewer than a creator may have.
  override_provider {
    default_tags {
      tags = {}
    }
  }

  # The site is uploaded over these objects and must never be replaced by the placeholder again.
  lifecycle {
    ignore_changes = all
  }
}
