resource "aws_sesv2_email_identity" "this" {
  email_identity = var.domain
  tags           = var.tags

  dkim_signing_attributes {
    next_signing_key_length = "RSA_2048_BIT"
  }
}

locals {
  tokens = aws_sesv2_email_identity.this.dkim_signing_attributes[0].tokens

  # https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dkim-easy.html
  records = [for token in local.tokens : { name = "${token}._domainkey.${var.domain}", value = "${token}.dkim.amazonses.com" }]
}

resource "aws_route53_record" "dkim" {
  count = var.has_zone ? 3 : 0 # Easy DKIM has three tokens

  zone_id = var.zone_id
  name    = local.records[count.index].name
  type    = "CNAME"
  ttl     = 300
  records = [local.records[count.index].value]
}

# Receivers of bulk mail want a DMARC record; with p=none it changes nothing for mail that others send.
resource "aws_route53_record" "dmarc" {
  count = var.has_zone ? 1 : 0

  zone_id = var.zone_id
  name    = "_dmarc.${var.domain}"
  type    = "TXT"
  ttl     = 300
  records = ["v=DMARC1; p=none"]
}
