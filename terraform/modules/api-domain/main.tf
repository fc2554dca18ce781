# One name for the APIs of both regions. Route 53 answers it with the first region's for as long as that one's
# GET /health is green, and with the second region's otherwise.
locals {
  host = "api.${var.domain}"
}

resource "aws_acm_certificate" "home" {
  domain_name       = local.host
  validation_method = "DNS"
  tags              = var.tags

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_acm_certificate" "standby" {
  provider = aws.standby

  domain_name       = local.host
  validation_method = "DNS"
  tags              = var.tags

  lifecycle {
    create_before_destroy = true
  }
}

# One record proves the domain for the certificates of all regions of an account:
# https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
resource "aws_route53_record" "validation" {
  zone_id         = var.zone_id
  name            = one(aws_acm_certificate.home.domain_validation_options).resource_record_name
  type            = one(aws_acm_certificate.home.domain_validation_options).resource_record_type
  records         = [one(aws_acm_certificate.home.domain_validation_options).resource_record_value]
  ttl             = 300
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "home" {
  certificate_arn         = aws_acm_certificate.home.arn
  validation_record_fqdns = [aws_route53_record.validation.fqdn]

  timeouts {
    create = "15m"
  }
}

resource "aws_acm_certificate_validation" "standby" {
  provider = aws.standby

  certificate_arn         = aws_acm_certificate.standby.arn
  validation_record_fqdns = [aws_route53_record.validation.fqdn]

  timeouts {
    create = "15m"
  }
}

resource "aws_apigatewayv2_domain_name" "home" {
  domain_name = local.host
  tags        = var.tags

  domain_name_configuration {
    certificate_arn = aws_acm_certificate_validation.home.certificate_arn
    endpoint_type   = "REGIONAL"
    security_policy = "TLS_1_2"
  }
}

resource "aws_apigatewayv2_domain_name" "standby" {
  provider = aws.standby

  domain_name = local.host
  tags        = var.tags

  domain_name_configuration {
    certificate_arn = aws_acm_certificate_validation.standby.certificate_arn
    endpoint_type   = "REGIONAL"
    security_policy = "TLS_1_2"
  }
}

resource "aws_apigatewayv2_api_mapping" "home" {
  api_id      = var.api.id
  domain_name = aws_apigatewayv2_domain_name.home.id
  stage       = var.api.stage
}

resource "aws_apigatewayv2_api_mapping" "standby" {
  provider = aws.standby

  api_id      = var.standby_api.id
  domain_name = aws_apigatewayv2_domain_name.standby.id
  stage       = var.standby_api.stage
}

# By the API's own name, which does not move with the records. The fewest places that Route 53 asks from: each asks
# every 30 s, and each question is a request that is paid.
resource "aws_route53_health_check" "home" {
  type              = "HTTPS"
  fqdn              = trimprefix(var.api.endpoint, "https://")
  port              = 443
  resource_path     = "/health"
  enable_sni        = true
  request_interval  = 30
  failure_threshold = 3
  regions           = ["us-east-1", "eu-west-1", "ap-southeast-1"]
  tags              = merge(var.tags, { Name = "${var.slug} API" })
}

locals {
  answers = {
    PRIMARY = {
      configuration = aws_apigatewayv2_domain_name.home.domain_name_configuration[0]
      health_check  = aws_route53_health_check.home.id
    }
    # Without a check of its own: when neither is well, a read-only site is better than none.
    SECONDARY = {
      configuration = aws_apigatewayv2_domain_name.standby.domain_name_configuration[0]
      health_check  = null
    }
  }
}

# Fail-over and not the nearest region: two regions that take writes would each give the same seat away, and a page
# that reads from one region what it has just written to another would not find it.
resource "aws_route53_record" "api" {
  # checkov:skip=CKV2_AWS_23:They lead to the custom domains above; checkov does not follow them through a map

  for_each = local.answers

  zone_id         = var.zone_id
  name            = local.host
  type            = "A"
  set_identifier  = lower(each.key)
  health_check_id = each.value.health_check

  failover_routing_policy {
    type = each.key
  }

  alias {
    name                   = each.value.configuration.target_domain_name
    zone_id                = each.value.configuration.hosted_zone_id
    evaluate_target_health = false
  }
}
