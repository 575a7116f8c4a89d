# What build.ps1 packs and installs, in a PowerShell without the checkout.
BeforeAll {
    . "$PSScriptRoot/Support/Import.ps1"
    . "$PSScriptRoot/Support/Simulator.ps1"
    $packed = Join-Path $TestDrive 'packed here/VmDeploy'
    New-Item -ItemType Directory "$TestDrive/without" | Out-Null
    $said = & "$Repository/build.ps1" Pack -Destination $packed -ProjectUri 'https://vmdeploy.example/project' | Out-String
    $manifest = Import-PowerShellDataFile "$packed/VmDeploy.psd1"
    $version = ([xml](Get-Content "$Repository/Directory.Build.props" -Raw)).SelectSingleNode('//Version').InnerText

    function Invoke-Elsewhere([string]$Modules, [string]$Script) {
        $path = $env:PSModulePath
        $env:PSModulePath = $Modules
        Push-Location ([IO.Path]::GetTempPath())
        try { & $Pwsh -NoProfile -NonInteractive -Command "`$PSStyle.OutputRendering = 'PlainText'; $Script" 2>&1 | Out-String }
        finally {
            Pop-Location
            $env:PSModulePath = $path
        }
    }
}

Describe 'The packed folder' {
    It 'is named, and has the one version' {
        $said | Should -Match ([regex]::Escape("VmDeploy $version is in $packed"))
        $manifest.ModuleVersion | Should -Be $version
        [Diagnostics.FileVersionInfo]::GetVersionInfo("$packed/VmDeploy.Core.dll").ProductVersion | Should -BeLike "$version*"
    }

    It 'has a manifest that PowerShell accepts and a gallery needs' {
        $read = Test-ModuleManifest "$packed/VmDeploy.psd1" -ErrorAction Stop
        $read.Author, $read.Description, $read.CompanyName, $read.Copyright | Should -Not -BeNullOrEmpty
        $read.Guid | Should -Not -Be ([guid]::Empty)
        $read.PowerShellVersion | Should -Be '5.1'
        $read.CompatiblePSEditions | Should -Be 'Desktop', 'Core'
        $read.LicenseUri.IsAbsoluteUri | Should -BeTrue
        "$($read.ProjectUri)" | Should -Be 'https://vmdeploy.example/project'
        $read.ReleaseNotes | Should -Not -BeNullOrEmpty
        $read.Tags | Should -Contain 'PSEdition_Desktop'
        $read.Tags | Where-Object { $_ -match '\s' } | Should -BeNullOrEmpty -Because 'a gallery splits tags at spaces'
        ($read.Tags -join ' ').Length | Should -BeLessThan 4000
        $read.HelpInfoUri | Should -BeNullOrEmpty -Because 'the help is in the module'
        foreach ($kind in 'Functions', 'Aliases', 'Variables') { $manifest["${kind}ToExport"] | Should -BeNullOrEmpty }
        $manifest.CmdletsToExport | Where-Object { $_ -match '\*' } | Should -BeNullOrEmpty
        $manifest.CmdletsToExport.Count | Should -Be (Get-Command -Module VmDeploy).Count
    }

    It 'has help, examples and licence, and no more assemblies than it needs' {
        foreach ($file in 'LICENSE', 'README.md', 'CHANGELOG.md', 'en-US/about_VmDeploy.help.txt', 'examples/tinyVM.ova', 'examples/configs/vm_deploy.json', 'examples/scripts/Import-FromJson.ps1') {
            Test-Path "$packed/$file" | Should -BeTrue -Because $file
        }
        (Get-ChildItem $packed -Filter *.dll).Name | Should -Be 'VmDeploy.Core.dll', 'VmDeploy.dll'
        Get-ChildItem $packed -Recurse -Include System.Management.Automation*, *.pdb, *.deps.json | Should -BeNullOrEmpty
    }

    It 'has assemblies compiled for three runtimes, and loads those of this one' {
        (Get-ChildItem "$packed/compiled").Name | Should -Be 'linux-x64', 'osx-arm64', 'win-x64'
        $runtime = [Runtime.InteropServices.RuntimeInformation]::RuntimeIdentifier
        Invoke-Elsewhere $TestDrive "Import-Module '$packed'; (Get-Command Import-VmOva).DLL; (Get-VmOva '$packed/examples/tinyVM.ova').PackageName" |
            Should -Match "compiled.$runtime.VmDeploy.dll[\s\S]*tinyVM"
    }

    It 'works on a runtime that it has no assemblies for' {
        $elsewhere = Join-Path $TestDrive 'without/VmDeploy'
        Copy-Item $packed $elsewhere -Recurse
        Remove-Item "$elsewhere/compiled" -Recurse
        Invoke-Elsewhere $TestDrive "Import-Module '$elsewhere'; (Get-Command Import-VmOva).DLL; (Get-VmOva '$packed/examples/tinyVM.ova').PackageName" |
            Should -Match "without.VmDeploy.VmDeploy.dll[\s\S]*tinyVM"
    }

    It 'is imported in constrained language too' {
        Invoke-Elsewhere $TestDrive "`$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'; Import-Module '$packed'; (Get-Command Import-VmOva).DLL" |
            Should -Match 'compiled'
    }

    It 'works from another directory' {
        $simulator = Start-Simulator
        $result = Invoke-Elsewhere $TestDrive "
            `$ErrorActionPreference = 'Stop'
            Import-Module '$packed'
            `$credential = [pscredential]::new('$($simulator.UserName)', (ConvertTo-SecureString '$($simulator.Password)' -AsPlainText -Force))
            Connect-Esxi $($simulator.Server) `$credential -Port $($simulator.HttpsPort) -CertificateThumbprint $($simulator.Thumbprint) | Out-Null
            Set-Location (Join-Path (Get-Module VmDeploy).ModuleBase examples)
            Get-Content configs/config_question7.json | ConvertFrom-Json | Import-VmOva | Sort-Object Name
            (Get-Help about_VmDeploy).Length -gt 1000
            Import-Module '$packed' -Force
            `"sessions: `$(@(Get-VmSession).Count)`""
        $result | Should -Match 'tinyVM1\s+Off[\s\S]*tinyVM2\s+Off[\s\S]*tinyVM3\s+Off'
        $result | Should -Match 'True'
        $result | Should -Match 'sessions: 0'
        (Send-Order $simulator).Vms.Name.Count | Should -Be 3
        Stop-Simulator $simulator
    }
}

Describe 'build.ps1 Install' {
    It 'puts it where PowerShell finds it by its name' {
        $path = $env:PSModulePath
        $modules = Join-Path $TestDrive 'my modules'
        $env:PSModulePath = $modules + [IO.Path]::PathSeparator + $path
        try { & "$Repository/build.ps1" Install -Destination $packed } finally { $env:PSModulePath = $path }
        Test-Path "$modules/VmDeploy/$version/VmDeploy.psd1" | Should -BeTrue
        Invoke-Elsewhere $modules "(Get-Command Import-VmOva).Module.Version.ToString(); try { Get-VmInstance } catch { `$_.FullyQualifiedErrorId }" |
            Should -Match "$([regex]::Escape($version))[\s\S]*NoSession,VmDeploy"
    }
}
