locals {
  hosts = toset([var.domain, "www.${var.domain}"])

  # An alias needs a certificate that has been issued, and a certificate is issued once the domain is delegated.
  # Until then the distribution answers under its own name, and nothing here waits for a person.
  aliases = var.domain_ready ? local.hosts : toset([])

  # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
  managed_caching_optimized = "658327ea-f89d-4fab-a63d-7e88639e58f6"

  origin_id = "site"

  copies = merge(
    var.has_standby ? { (local.origin_id) = var.standby_domain } : {},
    { for name, media in var.media : name => media.standby_domain if media.has_standby },
  )
  origins = merge(
    { (local.origin_id) = module.bucket.bucket_regional_domain_name },
    { for name, media in var.media : name => media.bucket_domain },
    { for name, domain in local.copies : "${name}-standby" => domain },
  )
  # By name of what is served: the origin, or the group of both where there is a copy.
  targets = { for name in concat([local.origin_id], keys(var.media)) : name => contains(keys(local.copies), name) ? "${name}-anywhere" : name }
}

module "bucket" {
  source = "../private-bucket"

  bucket        = "${var.slug}-site-${var.account_id}"
  force_destroy = true # the site is built from the template at any time
  tags          = var.tags

  service_access = [{
    sid        = "CloudFrontReads"
    service    = "cloudfront.amazonaws.com"
    actions    = ["s3:GetObject"]
    source_arn = aws_cloudfront_distribution.this.arn
  }]
}

resource "aws_cloudfront_origin_access_control" "this" {
  name                              = "${var.slug}-site"
  description                       = "CloudFront's way into the private bucket of ${var.domain}"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_function" "clean_urls" {
  name    = "${var.slug}-clean-urls"
  comment = "/shop and /shop/ are /shop/index.html"
  runtime = "cloudfront-js-2.0"
  publish = true
  code    = file("${path.module}/clean-urls.js")
}

resource "aws_cloudfront_response_headers_policy" "this" {
  # checkov:skip=CKV_AWS_259:It enforces it for a year; subdomains are left out on purpose

  name    = "${var.slug}-site"
  comment = "Security headers of ${var.domain}"

  security_headers_config {
    strict_transport_security {
      access_control_max_age_sec = 31536000
      include_subdomains         = false # what else runs under the domain is the creator's own business
      override                   = true
    }

    content_type_options {
      override = true
    }

    frame_options {
      frame_option = "DENY"
      override     = true
    }

    referrer_policy {
      referrer_policy = "strict-origin-when-cross-origin"
      override        = true
    }

    content_security_policy {
      content_security_policy = local.content_security_policy
      override                = true
    }
  }

  custom_headers_config {
    items {
      header   = "Permissions-Policy"
      value    = "camera=(), geolocation=(), microphone=()"
      override = true
    }
  }
}

resource "aws_cloudfront_distribution" "this" {
  # checkov:skip=CKV_AWS_86:An access log would keep visitors' addresses
  # checkov:skip=CKV_AWS_174:TLS 1.2 with the domain's certificate; CloudFront's own certificate allows no choice
  # checkov:skip=CKV_AWS_310:Creators with a second region have it; an origin of the same region would be no help
  # checkov:skip=CKV_AWS_374:The audience is everywhere
  # checkov:skip=CKV2_AWS_47:Static files run no Log4j; the optional web ACL has the rule group

  comment             = "${var.slug}: ${var.domain}"
  enabled             = true
  is_ipv6_enabled     = true
  http_version        = "http2and3"
  price_class         = var.price_class
  default_root_object = "index.html"
  aliases             = local.aliases
  web_acl_id          = one(aws_wafv2_web_acl.this[*].arn)
  tags                = var.tags

  # Edge locations take minutes to pick a change up; the go-live checks look at the site itself.
  wait_for_deployment = false

  dynamic "origin" {
    for_each = local.origins

    content {
      origin_id                = origin.key
      domain_name              = origin.value
      origin_access_control_id = aws_cloudfront_origin_access_control.this.id
      connection_attempts      = var.has_standby ? 2 : 3
      connection_timeout       = var.has_standby ? 3 : 10 # seconds; somebody waits while there is another place to ask
    }
  }

  # A server error is asked elsewhere. What is "forbidden" or "not found" was deleted or never there, and is so in the
  # copy as well.
  dynamic "origin_group" {
    for_each = local.copies

    content {
      origin_id = "${origin_group.key}-anywhere"

      failover_criteria {
        status_codes = [500, 502, 503, 504]
      }

      member {
        origin_id = origin_group.key
      }

      member {
        origin_id = "${origin_group.key}-standby"
      }
    }
  }

  default_cache_behavior {
    target_origin_id           = local.targets[local.origin_id]
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD", "OPTIONS"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    cache_policy_id            = local.managed_caching_optimized
    response_headers_policy_id = aws_cloudfront_response_headers_policy.this.id

    function_association {
      event_type   = "viewer-request"
      function_arn = aws_cloudfront_function.clean_urls.arn
    }
  }

  dynamic "ordered_cache_behavior" {
    for_each = var.media

    content {
      path_pattern               = ordered_cache_behavior.value.path
      target_origin_id           = local.targets[ordered_cache_behavior.key]
      viewer_protocol_policy     = "redirect-to-https"
      allowed_methods            = ["GET", "HEAD", "OPTIONS"]
      cached_methods             = ["GET", "HEAD"]
      compress                   = true
      cache_policy_id            = local.managed_caching_optimized
      response_headers_policy_id = aws_cloudfront_response_headers_policy.this.id
    }
  }

  # CloudFront may read objects but not list them, so S3 answers 403 for one that is not there.
  dynamic "custom_error_response" {
    for_each = [403, 404]

    content {
      error_code            = custom_error_response.value
      response_code         = 404
      response_page_path    = "/404.html"
      error_caching_min_ttl = 60
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = !var.domain_ready
    acm_certificate_arn            = one(aws_acm_certificate_validation.this[*].certificate_arn)
    ssl_support_method             = var.domain_ready ? "sni-only" : null
    minimum_protocol_version       = var.domain_ready ? "TLSv1.2_2021" : "TLSv1"
  }
}
