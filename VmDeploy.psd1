@{
    RootModule             = 'VmDeploy.dll'
    # The build puts the version of Directory.Build.props here.
    ModuleVersion          = '0.0.0'
    GUID                   = '1950acad-56dd-4536-9698-89a8228e1d5f'
    Author                 = 'The VmDeploy authors'
    CompanyName            = 'The VmDeploy authors'
    Copyright              = '(c) The VmDeploy authors. MIT licence.'
    Description            = 'Deploys virtual machines from an OVA, by cloning, and from an ISO on VMware ESXi, on vCenter, and on XenServer / XCP-ng, with the same cmdlets.'
    PowerShellVersion      = '5.1'
    # .NET Framework 4.7.2 is the first that carries .NET Standard 2.0 whole.
    DotNetFrameworkVersion = '4.7.2'
    CompatiblePSEditions   = 'Desktop', 'Core'
    FormatsToProcess       = 'VmDeploy.Format.ps1xml'
    TypesToProcess         = 'VmDeploy.Types.ps1xml'
    FunctionsToExport      = @()
    AliasesToExport        = @()
    VariablesToExport      = @()
    CmdletsToExport        = @(
        'Add-VmCdrom'
        'Add-VmDisk'
        'Add-VmNetworkAdapter'
        'Connect-Esxi'
        'Connect-Xapi'
        'ConvertFrom-VmTemplate'
        'ConvertTo-VmTemplate'
        'Disconnect-Esxi'
        'Disconnect-Xapi'
        'Get-VmCdrom'
        'Get-VmDatastore'
        'Get-VmDatastoreFile'
        'Get-VmDisk'
        'Get-VmHypervisor'
        'Get-VmInstance'
        'Get-VmNetwork'
        'Get-VmNetworkAdapter'
        'Get-VmOva'
        'Get-VmPlace'
        'Get-VmQuestion'
        'Get-VmSession'
        'Get-VmTemplate'
        'Import-VmOva'
        'New-VmClone'
        'New-VmFromIso'
        'New-VmFromTemplate'
        'Receive-VmDatastoreFile'
        'Remove-VmCdrom'
        'Remove-VmDatastoreFile'
        'Remove-VmDisk'
        'Remove-VmInstance'
        'Remove-VmNetworkAdapter'
        'Restart-VmInstance'
        'Resume-VmInstance'
        'Send-VmDatastoreFile'
        'Set-VmCdrom'
        'Set-VmDisk'
        'Set-VmInstance'
        'Set-VmNetworkAdapter'
        'Set-VmQuestion'
        'Set-VmSession'
        'Start-VmInstance'
        'Stop-VmInstance'
        'Suspend-VmInstance'
        'Test-VmSession'
        'Wait-VmInstance'
    )
    PrivateData            = @{
        PSData = @{
            Tags         = 'VMware', 'ESXi', 'vCenter', 'vSphere', 'XenServer', 'XCP-ng', 'OVA', 'OVF', 'VM', 'Deployment',
                'Windows', 'Linux', 'MacOS', 'PSEdition_Desktop', 'PSEdition_Core'
            LicenseUri   = 'https://opensource.org/license/mit'
            # ./build.ps1 Pack -ProjectUri puts the project's address here.
            ProjectUri   = ''
            ReleaseNotes = 'See CHANGELOG.md in the module folder.'
        }
    }
}
