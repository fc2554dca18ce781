# Without force_destroy: records that others have made in the zone, such as those of mail, are not ours to remove.
resource "aws_route53_zone" "this" {
  # checkov:skip=CKV2_AWS_38:A signing key costs $1 a month and needs a record at the registrar, which a person enters
  # checkov:skip=CKV2_AWS_39:A query log would keep addresses, and nobody would read it

  name    = var.domain
  comment = "Site of ${var.slug}"
  tags    = var.tags
}

resource "aws_acm_certificate" "this" {
  provider = aws.us_east_1 # the only region CloudFront takes certificates from

  domain_name               = var.domain
  subject_alternative_names = ["www.${var.domain}"]
  validation_method         = "DNS"
  tags                      = var.tags

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "validation" {
  for_each = local.hosts

  zone_id         = aws_route53_zone.this.zone_id
  name            = one([for option in aws_acm_certificate.this.domain_validation_options : option.resource_record_name if option.domain_name == each.key])
  type            = one([for option in aws_acm_certificate.this.domain_validation_options : option.resource_record_type if option.domain_name == each.key])
  records         = [one([for option in aws_acm_certificate.this.domain_validation_options : option.resource_record_value if option.domain_name == each.key])]
  ttl             = 300
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "this" {
  count    = var.domain_ready ? 1 : 0
  provider = aws.us_east_1

  certificate_arn         = aws_acm_certificate.this.arn
  validation_record_fqdns = [for record in aws_route53_record.validation : record.fqdn]

  timeouts {
    create = "15m"
  }
}

resource "aws_route53_record" "site" {
  for_each = { for pair in setproduct(local.aliases, ["A", "AAAA"]) : join(" ", pair) => { name = pair[0], type = pair[1] } }

  zone_id = aws_route53_zone.this.zone_id
  name    = each.value.name
  type    = each.value.type

  alias {
    name                   = aws_cloudfront_distribution.this.domain_name
    zone_id                = aws_cloudfront_distribution.this.hosted_zone_id
    evaluate_target_health = false
  }
}
