mock_provider "aws" {
  mock_resource "aws_sesv2_email_identity" {
    defaults = {
      arn                         = "arn:aws:ses:eu-central-1:111122223333:identity/kasper.live"
      verified_for_sending_status = false
      dkim_signing_attributes     = { tokens = ["one", "two", "three"], next_signing_key_length = "RSA_2048_BIT" }
    }
  }
}

variables {
  domain   = "kasper.live"
  zone_id  = "Z0000000EXAMPLE"
  has_zone = true
}

run "proves_the_domain_in_its_zone" {
  assert {
    condition     = aws_sesv2_email_identity.this.email_identity == "kasper.live" && aws_sesv2_email_identity.this.dkim_signing_attributes[0].next_signing_key_length == "RSA_2048_BIT"
    error_message = "The identity is the domain, and its mail is signed with a long key."
  }

  assert {
    condition = {
      for record in aws_route53_record.dkim : record.name => [record.zone_id, record.type, one(record.records)]
      } == {
      for token in ["one", "two", "three"] : "${token}._domainkey.kasper.live" => ["Z0000000EXAMPLE", "CNAME", "${token}.dkim.amazonses.com"]
    }
    error_message = "Receivers find the three keys of DKIM."
  }

  assert {
    condition     = one(aws_route53_record.dmarc).name == "_dmarc.kasper.live" && one(aws_route53_record.dmarc).type == "TXT" && startswith(one(one(aws_route53_record.dmarc).records), "v=DMARC1;")
    error_message = "There is a DMARC record."
  }

  assert {
    condition     = [for wait in output.waiting_for : wait.what] == ["Verification of kasper.live for mail", "Production access of Amazon SES"] && output.waiting_for[0].where == "Amazon SES"
    error_message = "Verification and production access are waited for, in this order."
  }
}

run "lets_functions_send_from_one_address_only" {
  assert {
    condition = output.permission == {
      actions    = ["ses:SendEmail"]
      resources  = ["arn:aws:ses:eu-central-1:111122223333:identity/kasper.live"]
      conditions = { StringEquals = { "ses:FromAddress" = "hello@kasper.live" } }
    } && output.from_address == "hello@kasper.live"
    error_message = "Mail is sent from the creator's address, and from no other."
  }
}

run "names_the_records_where_the_zone_is_kept_elsewhere" {
  variables {
    zone_id  = null
    has_zone = false
  }

  assert {
    condition     = length(aws_route53_record.dkim) == 0 && length(aws_route53_record.dmarc) == 0
    error_message = "Without a zone there are no records."
  }

  assert {
    condition     = output.waiting_for[0].where == "the name servers of kasper.live" && alltrue([for token in ["one", "two", "three"] : strcontains(output.waiting_for[0].action, "${token}._domainkey.kasper.live → ${token}.dkim.amazonses.com")])
    error_message = "The action names every record that a person has to enter."
  }
}

run "waits_for_nothing_once_all_is_granted" {
  state_key = "granted"

  variables {
    production = true
  }

  override_resource {
    target = aws_sesv2_email_identity.this
    values = {
      verified_for_sending_status = true
      dkim_signing_attributes     = { tokens = ["one", "two", "three"], next_signing_key_length = "RSA_2048_BIT" }
    }
  }

  assert {
    condition     = length(output.waiting_for) == 0
    error_message = "Nothing is waited for."
  }
}
