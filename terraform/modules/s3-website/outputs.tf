output "site_bucket" {
  description = "Name of the bucket that the built site is uploaded to."
  value       = module.bucket.bucket_id
}

output "site_url" {
  description = "Where the site is open now: on its own domain once that is ready, on CloudFront's until then."
  value       = "https://${var.domain_ready ? var.domain : aws_cloudfront_distribution.this.domain_name}"
}

output "distribution_id" {
  description = "Id of the distribution, for invalidations."
  value       = aws_cloudfront_distribution.this.id
}

output "distribution_arn" {
  description = "ARN of the distribution, for buckets that it may read."
  value       = aws_cloudfront_distribution.this.arn
}

output "distribution_domain_name" {
  description = "CloudFront's own name of the site."
  value       = aws_cloudfront_distribution.this.domain_name
}

output "zone_id" {
  description = "Id of the domain's zone."
  value       = aws_route53_zone.this.zone_id
}

output "name_servers" {
  description = "Name servers to enter at the registrar."
  value       = aws_route53_zone.this.name_servers
}

output "certificate_arn" {
  description = "ARN of the certificate in us-east-1."
  value       = aws_acm_certificate.this.arn
}

output "waiting_for" {
  description = "What a person still has to do, in order."
  value = var.domain_ready ? [] : [
    {
      module = "s3-website"
      what   = "Delegation of ${var.domain}"
      where  = "the registrar of ${var.domain}"
      action = "Enter the name servers ${join(", ", aws_route53_zone.this.name_servers)}"
    },
    {
      module = "s3-website"
      what   = "Certificate for ${var.domain} and www.${var.domain}"
      where  = "AWS Certificate Manager, us-east-1"
      action = (
        contains(["VALIDATION_TIMED_OUT", "FAILED"], aws_acm_certificate.this.status)
        ? "AWS waited for 72 hours and gave up: ask again by an apply with -replace of aws_acm_certificate.this"
        : "Nothing while it is pending: AWS issues it once the name servers answer. Then set domain_ready in [modules.s3-website] and apply"
      )
    },
  ]
}
