# The examples of the help, from the Markdown files, and simulators to run them on. The word after 'powershell' at the start of
# an example says on which: vcenter, xenserver, or by default an ESXi host.
function Get-HelpExample([string]$Command) {
    $text = (Get-Content "$Repository/en-US/Cmdlets/$Command.md" -Raw) -replace "`r"
    $pattern = '(?ms)^### (?<title>[^\n]+)\n\n```powershell ?(?<mode>\w*)\n(?<code>.*?)\n```(?:\n\n```text\n(?<output>.*?)\n```)?'
    $number = 0
    foreach ($match in [regex]::Matches($text, $pattern)) {
        [pscustomobject]@{
            Name   = "$Command, example $((++$number))"
            Title  = $match.Groups['title'].Value
            Mode   = if ($match.Groups['mode'].Value) { $match.Groups['mode'].Value } else { 'esxi' }
            Code   = $match.Groups['code'].Value
            Output = $match.Groups['output'].Value
        }
    }
}

# The examples of a topic, which show no output. One that is JSON is piped into Import-VmOva.
function Get-TopicExample([string]$Topic) {
    $text = (Get-Content "$Repository/en-US/$Topic.help.txt" -Raw) -replace "`r"
    $text = [regex]::Match($text, '(?s)\n(?:EXAMPLES|  HANDLING AN ERROR BY ITS ID)(\n.*?)\n[A-Z ]+\n').Groups[1].Value
    $number = 0
    foreach ($match in [regex]::Matches($text, '(?m)(?:^        .*(?:\n|\z))+')) {
        $code = $match.Value.TrimEnd() -replace '(?m)^        '
        [pscustomobject]@{
            Name = "$Topic example $((++$number))"
            Mode = 'esxi'
            Code = if ($code -match '^[\[{]') { "@'`n$code`n'@ | ConvertFrom-Json | Import-VmOva" }
                elseif ($code -match 'Connect-Esxi') { "Disconnect-Esxi`n$code" } else { $code }
        }
    }
}

# The state before the examples of each cmdlet: VMs golden, web1 (running) and web2, and files in the current folder.
$HelpPreparation = @{
    esxi      = @'
'debian', 'tiny' | ForEach-Object { Send-VmDatastoreFile "./$_.iso" datastore1 iso/ } | Out-Null
Import-VmOva ./tinyVM.ova -Name golden, web1, web2 -Datastore datastore1 -ThrottleLimit 1 | Out-Null
Add-VmCdrom golden -IsoPath '[datastore1] iso/debian.iso' | Out-Null
Start-VmInstance web1 | Wait-VmInstance -For Tools | Out-Null
'@
    vcenter   = @'
if (Get-VmTemplate) { return }
Import-VmOva ./tinyVM.ova -Name ubuntu-template -HostName localhost.localdomain -Datastore datastore1 | ConvertTo-VmTemplate | Out-Null
'@
    xenserver = @'
Import-VmOva ./tinyVM.ova -Name golden -Datastore 'Local storage' | Add-VmCdrom | Out-Null
'@
}

# Runs examples of one mode, one after the other, in a new PowerShell on a simulator, and adds to each what it printed
# (Seen) and how it failed (Failure; otherwise empty). Before a cmdlet's first example all VMs are created again.
function Invoke-HelpExample([object[]]$Example, [string]$Folder) {
    $mode = $Example[0].Mode
    $connect, $name = if ($mode -eq 'xenserver') { 'Connect-Xapi', 'xen.example.com' } else { 'Connect-Esxi', 'esxi.example.com' }
    $work = (New-Item -ItemType Directory (Join-Path $Folder $mode)).FullName
    Copy-Item "$Repository/examples/tinyVM.ova", "$Repository/examples/configs" $work -Recurse
    Copy-Item (New-AppliancePackage $Folder) "$work/appliance.ova"
    $null = New-Item -ItemType Directory "$work/other"
    Copy-Item (New-VirtualBoxPackage $Folder) "$work/other/virtualbox.ova"
    'debian', 'tiny' | ForEach-Object { Copy-Item "$Repository/examples/tiny.iso" "$work/$_.iso" }
    $simulator = Start-Simulator @{ mode = $mode; tools = $true }
    (Get-Content "$Repository/examples/deployments/lab.json" -Raw) -replace 'esxi\.example\.com', $simulator.Server -replace '\.\./tinyVM', './tinyVM' | Set-Content "$work/lab.json"
    $script = @"
`$ErrorActionPreference = 'Stop'
`$ProgressPreference = 'SilentlyContinue'
`$PSStyle.OutputRendering = 'PlainText'
[cultureinfo]::CurrentCulture = 'en-US'
Import-Module '$ModulePath'
Set-Location '$work'
function Read-Host { '$($simulator.Thumbprint)' }
`$PSDefaultParameterValues = @{ 'Connect-*:Port' = $($simulator.HttpsPort); 'Connect-*:CertificateThumbprint' = '$($simulator.Thumbprint)' }
`$credential = Import-Clixml ./esxi.credential.xml

"@
    foreach ($cmdlet in $Example | Group-Object { $_.Name -replace ',.*' }) {
        # The session gets the number 1 again, for Get-VmSession -Id 1.
        $script += @"
Get-VmSession | ForEach-Object { if (`$_.Kind -eq 'XenServer') { Disconnect-Xapi `$_ } else { Disconnect-Esxi `$_ } }
`$session = $connect $($simulator.Server) `$credential
# Twice, because a VM can be removed only after its linked clones.
1..2 | ForEach-Object { Get-VmInstance | Remove-VmInstance -Force -Confirm:`$false -ErrorAction SilentlyContinue }
& {
$($HelpPreparation[$mode])
}

"@
        foreach ($one in $cmdlet.Group) {
            # No host has that name, and nobody can type the password.
            $code = $one.Code -replace '(\w+\.example\.com) root', '$1 $credential' -replace '\w+\.example\.com', $simulator.Server -replace '-Id 1', '-Id $session.Id'
            if ($cmdlet.Name -like 'Connect-*') { $script += "Get-VmSession | Disconnect-$($cmdlet.Name -replace '.*-')`n" }
            $script += "'=== $($one.Name)'`ntry { . {`n$code`n} | Out-Host; '=== ran' } catch { `"=== `$_ `$(`$_.ErrorDetails.RecommendedAction)`" }`n"
        }
    }
    try {
        $simulator.Credential | Export-Clixml "$work/esxi.credential.xml"
        Set-Content "$work/examples.ps1" $script
        $lines = (& $Pwsh -NoProfile -File "$work/examples.ps1" 2>&1 | Out-String) -replace "`r"
    }
    finally {
        Stop-Simulator $simulator
    }
    # Columns keep their positions: the name takes the spaces that follow the address.
    $lines = $lines -replace ([regex]::Escape($simulator.Server) + "(?: {$($name.Length - $simulator.Server.Length)}(?= ))?"), $name
    foreach ($one in $Example) {
        $found = [regex]::Match($lines, "(?s)=== $($one.Name)\n(.*?)=== (.*?)\n(?====|\Z|\n*\Z)")
        Add-Member -InputObject $one -PassThru -NotePropertyMembers @{
            Seen    = $found.Groups[1].Value.TrimEnd() -replace '\A\n+'
            Failure = if (-not $found.Success) { $lines } elseif ($found.Groups[2].Value -ne 'ran') { $found.Groups[2].Value } else { '' }
        }
    }
}

# A package with a licence and a property.
function New-AppliancePackage([string]$Folder) {
    New-Package $Folder "appliance-$([guid]::NewGuid()).ova" -FreshManifest -Change {
        param($work)
        $ovf = Get-Content "$work/tinyVM.ovf" -Raw
        $ovf = $ovf -replace '(<OperatingSystemSection)', @'
<EulaSection><Info>Licence</Info><License>Anybody may use this appliance.</License></EulaSection>
    <ProductSection><Info>Product</Info><Product>Shop</Product><Property ovf:key="hostname" ovf:type="string" ovf:userConfigurable="true"/></ProductSection>
    $1
'@
        Set-Content "$work/tinyVM.ovf" $ovf -NoNewline
    }
}

function New-VirtualBoxPackage([string]$Folder) {
    New-Package $Folder "virtualbox-$([guid]::NewGuid()).ova" -FreshManifest -Change {
        param($work)
        $ovf = (Get-Content "$work/tinyVM.ovf" -Raw) -replace '>vmx-\d+<', '>virtualbox-2.2<' -replace '(\s*</VirtualHardwareSection>)', @'

      <Item><rasd:ElementName>sound</rasd:ElementName><rasd:InstanceID>35</rasd:InstanceID><rasd:ResourceType>35</rasd:ResourceType></Item>$1
'@
        Set-Content "$work/tinyVM.ovf" $ovf -NoNewline
    }
}

# Output to compare: numbers, ids and spaces differ from run to run, and a guest may already have its address.
function Format-HelpOutput([string]$Text) {
    $Text -replace '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', 'uuid' -replace '([0-9a-f]{2}:){5}[0-9a-f]{2}', 'mac' -replace '(\d+\.){3}\d+' -replace
        '\d+(\.\d+)?', '0' -replace '[ -]+', ' ' -replace '(?m)^ | $' -replace '\n+', "`n"
}
