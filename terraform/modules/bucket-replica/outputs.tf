output "domain" {
  description = "Host name of the copy in its region."
  value       = module.bucket.bucket_regional_domain_name
}
