mock_provider "aws" {
  mock_resource "aws_s3_bucket" {
    defaults = {
      id                          = "kasper-site-111122223333"
      arn                         = "arn:aws:s3:::kasper-site-111122223333"
      bucket_regional_domain_name = "kasper-site-111122223333.s3.eu-central-1.amazonaws.com"
    }
  }
  mock_resource "aws_cloudfront_distribution" {
    defaults = {
      arn            = "arn:aws:cloudfront::111122223333:distribution/E1EXAMPLE"
      domain_name    = "d111111abcdef8.cloudfront.net"
      hosted_zone_id = "Z2FDTNDATAQYW2"
    }
  }
  mock_resource "aws_cloudfront_function" {
    defaults = {
      arn = "arn:aws:cloudfront::111122223333:function/kasper-clean-urls"
    }
  }
  mock_resource "aws_route53_zone" {
    defaults = {
      zone_id      = "Z0EXAMPLE"
      name_servers = ["ns-1.awsdns-1.com", "ns-2.awsdns-2.net"]
    }
  }
}

mock_provider "aws" {
  alias = "us_east_1"

  mock_resource "aws_acm_certificate" {
    defaults = {
      arn = "arn:aws:acm:us-east-1:111122223333:certificate/example"
      domain_validation_options = [
        { domain_name = "kasper.live", resource_record_name = "_a.kasper.live.", resource_record_type = "CNAME", resource_record_value = "_1.acm-validations.aws." },
        { domain_name = "www.kasper.live", resource_record_name = "_b.www.kasper.live.", resource_record_type = "CNAME", resource_record_value = "_2.acm-validations.aws." },
      ]
    }
  }
  mock_resource "aws_acm_certificate_validation" {
    defaults = {
      certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/example"
    }
  }
  mock_resource "aws_wafv2_web_acl" {
    defaults = {
      arn = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/kasper-site/example"
    }
  }
}

variables {
  slug       = "kasper"
  name       = "Kasper <Kast> & Co"
  domain     = "kasper.live"
  account_id = "111122223333"
}

run "comes_up_before_the_domain_is_delegated" {
  assert {
    condition     = length(aws_cloudfront_distribution.this.aliases) == 0 && aws_cloudfront_distribution.this.viewer_certificate[0].cloudfront_default_certificate
    error_message = "The distribution answers under its own name only."
  }

  assert {
    condition     = length(aws_acm_certificate_validation.this) == 0 && length(aws_route53_record.site) == 0
    error_message = "Nothing hangs on a certificate that cannot be issued yet."
  }

  assert {
    condition = jsonencode({ for host, record in aws_route53_record.validation : host => [record.name, record.type, one(record.records)] }) == jsonencode({
      "kasper.live"     = ["_a.kasper.live.", "CNAME", "_1.acm-validations.aws."]
      "www.kasper.live" = ["_b.www.kasper.live.", "CNAME", "_2.acm-validations.aws."]
    })
    error_message = "The records that the certificate is validated by are there from the start."
  }

  assert {
    condition     = output.site_url == "https://d111111abcdef8.cloudfront.net"
    error_message = "The site is open on CloudFront's name."
  }

  assert {
    condition     = output.waiting_for[*].where == tolist(["the registrar of kasper.live", "AWS Certificate Manager, us-east-1"]) && strcontains(output.waiting_for[0].action, "ns-1.awsdns-1.com, ns-2.awsdns-2.net")
    error_message = "A person is told to enter the name servers."
  }

  assert {
    condition     = one(aws_cloudfront_distribution.this.origin).domain_name == "kasper-site-111122223333.s3.eu-central-1.amazonaws.com" && one(aws_cloudfront_distribution.this.origin).origin_access_control_id == aws_cloudfront_origin_access_control.this.id
    error_message = "The one origin is the private bucket, reached through the origin access control."
  }

  assert {
    condition     = aws_cloudfront_origin_access_control.this.signing_behavior == "always"
    error_message = "CloudFront signs every request to the bucket."
  }

  assert {
    condition     = toset(keys(aws_s3_object.placeholder)) == toset(["index.html", "404.html"])
    error_message = "There is a page, and one for what is missing."
  }

  assert {
    condition     = strcontains(aws_s3_object.placeholder["index.html"].content, "<h1>Kasper &lt;Kast&gt; &amp; Co</h1>")
    error_message = "The creator's name is shown, and cannot bring markup with it."
  }

  assert {
    condition     = strcontains(aws_s3_object.placeholder["index.html"].content, "<style>${trimspace(file("placeholder/style.css"))}</style>")
    error_message = "The page holds exactly the style that the content security policy lets in."
  }

  assert {
    condition     = length(aws_wafv2_web_acl.this) == 0
    error_message = "A firewall costs money and is not there by itself."
  }
}

run "uses_the_domain_and_all_that_is_asked_for" {
  variables {
    domain_ready    = true
    waf             = true
    waf_rate_limit  = 500
    connect_sources = ["https://a1.execute-api.eu-central-1.amazonaws.com"]
    script_sources  = ["https://js.stripe.com"]
    frame_sources   = ["https://hooks.stripe.com"]
    media           = { creatives = { path = "/media/creatives/*", bucket_domain = "kasper-sponsor-assets-111122223333.s3.eu-central-1.amazonaws.com" } }
  }

  assert {
    condition     = aws_cloudfront_distribution.this.aliases == toset(["kasper.live", "www.kasper.live"]) && aws_cloudfront_distribution.this.viewer_certificate[0].minimum_protocol_version == "TLSv1.2_2021"
    error_message = "The distribution answers under the domain with and without www, by TLS 1.2 and newer."
  }

  assert {
    condition     = toset(keys(aws_route53_record.site)) == toset(["kasper.live A", "kasper.live AAAA", "www.kasper.live A", "www.kasper.live AAAA"])
    error_message = "Domain and www point to the distribution, by IPv4 and IPv6."
  }

  assert {
    condition = (
      length(aws_cloudfront_distribution.this.origin) == 2
      && alltrue([for origin in aws_cloudfront_distribution.this.origin : origin.origin_access_control_id == aws_cloudfront_origin_access_control.this.id])
      && aws_cloudfront_distribution.this.ordered_cache_behavior[0].path_pattern == "/media/creatives/*"
      && aws_cloudfront_distribution.this.ordered_cache_behavior[0].target_origin_id == "creatives"
      && aws_cloudfront_distribution.this.ordered_cache_behavior[0].response_headers_policy_id == aws_cloudfront_response_headers_policy.this.id
    )
    error_message = "Other modules' media are served from their private buckets, below their path, with the same headers."
  }

  assert {
    condition     = output.site_url == "https://kasper.live" && length(output.waiting_for) == 0
    error_message = "The site is open on its domain, and nobody has to do anything."
  }

  assert {
    condition = (
      aws_cloudfront_distribution.this.http_version == "http2and3"
      && aws_cloudfront_distribution.this.default_cache_behavior[0].compress
      && aws_cloudfront_distribution.this.default_cache_behavior[0].viewer_protocol_policy == "redirect-to-https"
      && !aws_cloudfront_distribution.this.wait_for_deployment
    )
    error_message = "HTTP/3, compression and HTTPS are on, and an apply does not wait for the edge locations."
  }

  assert {
    condition = jsonencode([for answer in aws_cloudfront_distribution.this.custom_error_response : [answer.error_code, answer.response_code, answer.response_page_path]]) == jsonencode([
      [403, 404, "/404.html"],
      [404, 404, "/404.html"],
    ])
    error_message = "What is not there is answered by the creator's own page and status 404."
  }

  assert {
    condition = length(setsubtract([
      "script-src 'self' 'wasm-unsafe-eval' https://js.stripe.com",
      "frame-src 'self' https://hooks.stripe.com",
      "worker-src 'self' blob:",
      "media-src 'self' blob: https://*.live-video.net",
      "connect-src 'self' https://*.live-video.net https://a1.execute-api.eu-central-1.amazonaws.com",
      "img-src 'self' data: https://*.live-video.net",
      "style-src 'self' 'sha256-${base64sha256(trimspace(file("placeholder/style.css")))}'",
      "frame-ancestors 'none'",
    ], split("; ", one(aws_cloudfront_response_headers_policy.this.security_headers_config[0].content_security_policy).content_security_policy))) == 0
    error_message = "The Amazon IVS player, calls to the API and the placeholder's style work under the content security policy."
  }

  assert {
    condition     = !strcontains(local.content_security_policy, "unsafe-inline")
    error_message = "Inline code is never allowed."
  }

  assert {
    condition     = aws_wafv2_web_acl.this[0].scope == "CLOUDFRONT" && aws_cloudfront_distribution.this.web_acl_id == aws_wafv2_web_acl.this[0].arn
    error_message = "The firewall stands before the distribution."
  }

  assert {
    condition     = length(aws_wafv2_web_acl.this[0].rule) == 4 && one([for rule in aws_wafv2_web_acl.this[0].rule : rule.statement[0].rate_based_statement[0].limit if length(rule.statement[0].rate_based_statement) > 0]) == 500
    error_message = "Three of AWS's rule groups and a limit for each address."
  }
}

run "refuses_wrong_values" {
  command = plan

  variables {
    slug           = "k"
    name           = ""
    domain         = "www.kasper.live"
    account_id     = "1234"
    price_class    = "PriceClass_50"
    waf_rate_limit = 1
  }

  expect_failures = [var.slug, var.name, var.domain, var.account_id, var.price_class, var.waf_rate_limit]
}

run "says_when_aws_has_given_up_on_the_certificate" {
  command   = plan
  state_key = "given_up"

  override_resource {
    target          = aws_acm_certificate.this
    override_during = plan
    values = {
      status = "VALIDATION_TIMED_OUT"
      domain_validation_options = [
        { domain_name = "kasper.live", resource_record_name = "_a.kasper.live.", resource_record_type = "CNAME", resource_record_value = "_1.acm-validations.aws." },
        { domain_name = "www.kasper.live", resource_record_name = "_b.www.kasper.live.", resource_record_type = "CNAME", resource_record_value = "_2.acm-validations.aws." },
      ]
    }
  }

  override_resource {
    target          = aws_route53_zone.this
    override_during = plan
    values          = { name_servers = ["ns-1.awsdns-1.com"] }
  }

  assert {
    condition     = strcontains(output.waiting_for[1].action, "-replace")
    error_message = "A certificate that nobody validated in time has to be asked for again."
  }
}

run "refuses_media_for_everything" {
  command = plan

  variables {
    media = { all = { path = "/*", bucket_domain = "example.s3.eu-central-1.amazonaws.com" } }
  }

  expect_failures = [var.media]
}

run "asks_the_second_region_when_the_first_one_fails" {
  variables {
    has_standby    = true
    standby_domain = "kasper-site-111122223333-standby.s3.eu-west-1.amazonaws.com"
    media = {
      products   = { path = "/media/products/*", bucket_domain = "products.s3.eu-central-1.amazonaws.com", standby_domain = "products-standby.s3.eu-west-1.amazonaws.com", has_standby = true }
      recordings = { path = "/ivs/v1/*", bucket_domain = "recordings.s3.eu-central-1.amazonaws.com" }
    }
  }

  assert {
    condition = { for group in aws_cloudfront_distribution.this.origin_group : group.origin_id => join(" ", concat(group.member[*].origin_id, tolist(one(group.failover_criteria).status_codes))) } == {
      site-anywhere     = "site site-standby 500 502 503 504"
      products-anywhere = "products products-standby 500 502 503 504"
    }
    error_message = "A server error is asked elsewhere; what is not there is not."
  }

  assert {
    condition = (
      aws_cloudfront_distribution.this.default_cache_behavior[0].target_origin_id == "site-anywhere"
      && { for behavior in aws_cloudfront_distribution.this.ordered_cache_behavior : behavior.path_pattern => behavior.target_origin_id } == { "/media/products/*" = "products-anywhere", "/ivs/v1/*" = "recordings" }
    )
    error_message = "What has a copy is served from wherever it is; recordings have none."
  }

  assert {
    condition = { for origin in aws_cloudfront_distribution.this.origin : origin.origin_id => origin.domain_name } == {
      site             = "kasper-site-111122223333.s3.eu-central-1.amazonaws.com"
      site-standby     = "kasper-site-111122223333-standby.s3.eu-west-1.amazonaws.com"
      products         = "products.s3.eu-central-1.amazonaws.com"
      products-standby = "products-standby.s3.eu-west-1.amazonaws.com"
      recordings       = "recordings.s3.eu-central-1.amazonaws.com"
    }
    error_message = "Every bucket and every copy is an origin."
  }
}
