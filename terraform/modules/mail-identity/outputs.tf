output "identity_arn" {
  description = "ARN of the identity, for permissions to send."
  value       = aws_sesv2_email_identity.this.arn
}

output "from_address" {
  description = "Address that mail is sent from."
  value       = "hello@${var.domain}"
}

output "permission" {
  description = "What a function needs to send mail from the address, and no other."
  value = {
    actions    = ["ses:SendEmail"]
    resources  = [aws_sesv2_email_identity.this.arn]
    conditions = { StringEquals = { "ses:FromAddress" = "hello@${var.domain}" } }
  }
}

output "waiting_for" {
  description = "What a person or AWS still has to do, in order."
  value = concat(
    aws_sesv2_email_identity.this.verified_for_sending_status ? [] : [{
      module = "mail"
      what   = "Verification of ${var.domain} for mail"
      where  = var.has_zone ? "Amazon SES" : "the name servers of ${var.domain}"
      action = (
        var.has_zone
        ? "Nothing: SES finds its records once the domain is delegated"
        : "Enter the CNAME records ${join(", ", [for record in local.records : "${record.name} → ${record.value}"])}"
      )
    }],
    var.production ? [] : [{
      module = "mail"
      what   = "Production access of Amazon SES"
      where  = "Amazon SES, account dashboard"
      action = "Ask for production access; once it is granted, set production = true in [mail] and apply"
    }],
  )
}
