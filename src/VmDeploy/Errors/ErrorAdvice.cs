using System.Collections.Generic;

namespace VmDeploy.PowerShell;

/// <summary>What a user of the cmdlets should do about an error: one entry for each error code, and one for each hint.</summary>
public static class ErrorAdvice
{
    private static readonly Dictionary<ErrorCode, string> s_codes = new()
    {
        // Connection and session.
        [ErrorCodes.HostUnreachable] = "Check the server name, the port and the network between this computer and the host.",
        [ErrorCodes.ConnectionLost] = "Check the network and the host's logs, then run the command again.",
        [ErrorCodes.TlsFailed] = "Check -Port: hosts use https on port 443. A plain http port needs -Protocol http. A host older than TLS 1.2 is not supported.",
        [ErrorCodes.HostTimeout] = "The host is slow or the network drops packets. If the host is only slow, raise -TimeoutSec of the Connect cmdlet.",
        [ErrorCodes.ProxyRefused] = "Check the proxy settings of this computer (the variables http_proxy, https_proxy and no_proxy, or the system settings) and what the proxy allows.",
        [ErrorCodes.SessionNotKept] = "Check the host's session limits and its log; a load balancer in front of several servers must keep a session on one of them.",
        [ErrorCodes.ReplyTooLarge] = "Check that the server name and the port are those of the hypervisor; no hypervisor sends replies of this size.",
        [ErrorCodes.CertificateNotTrusted] = "If the thumbprint is the host's own, connect with -CertificateThumbprint; -SkipCertificateCheck turns the check off.",
        [ErrorCodes.CertificateThumbprintMismatch] = "The host's certificate was renewed, or another machine answers under its name. Compare the thumbprint on the host's console.",
        [ErrorCodes.CertificateThumbprintInvalid] = "Give the SHA-256 (64 hex digits) or SHA-1 (40 hex digits) thumbprint; colons and spaces are allowed.",
        [ErrorCodes.LoginFailed] = "Check user name and password; a host may lock an account for some minutes after repeated failures.",
        [ErrorCodes.NotAHypervisor] = "Check -Server, -Port and -Protocol: Connect-Esxi needs an ESXi host or a vCenter, Connect-Xapi a XenServer or XCP-ng host.",
        [ErrorCodes.UnexpectedReply] = "Run the command again with -Debug and look at what the host, or a proxy in between, answers.",
        [ErrorCodes.NoSession] = "Open a session with Connect-Esxi or Connect-Xapi, or pass -Session.",
        [ErrorCodes.AmbiguousSession] = "Pass -Session, or choose a default with Set-VmSession -Default; Get-VmSession lists the open sessions.",
        [ErrorCodes.SessionClosed] = "Connect again; objects that were read through a closed session can't be used any more.",
        [ErrorCodes.WrongSessionKind] = "Use Disconnect-Esxi for ESXi and vCenter, and Disconnect-Xapi for XenServer and XCP-ng.",
        [ErrorCodes.SshNotFound] = "Install the OpenSSH client (Debian: openssh-client; Windows: the optional feature OpenSSH Client), or connect without -ViaSsh.",
        [ErrorCodes.SshDestinationInvalid] = "Give user@host, user@host:port or an alias from the ssh configuration; put an IPv6 address in brackets.",
        [ErrorCodes.SshFailed] = "Try 'ssh <the same destination>' by hand: ssh must know the host's key, and a key or an agent must log in, because no password can be typed here.",
        [ErrorCodes.SshForwardRefused] = "Give -Server and -Port as seen from the SSH host; its sshd must allow forwarding (AllowTcpForwarding).",
        [ErrorCodes.SshTunnelClosed] = "Run the command again, which opens the tunnel again. The log of the SSH host may tell more.",
        [ErrorCodes.NotAuthenticated] = "The host ended the session; connect again.",
        [ErrorCodes.NotPoolMaster] = "The pool has another master now; connect again.",
        [ErrorCodes.HostNotReady] = "Wait until the host has started, or connect to another host of the pool.",
        [ErrorCodes.HostManagedByVCenter] = "A vCenter manages this host: connect to that vCenter instead, or disconnect the host there first.",

        // Names and places.
        [ErrorCodes.VmNotFound] = "Get-VmInstance lists the VMs of the session.",
        [ErrorCodes.AmbiguousVm] = "Pick one with Get-VmInstance (for example by -Id) and pipe it in, or use a wildcard to act on all of them.",
        [ErrorCodes.VmNameExists] = "Choose another name, remove that VM, or use -ExistingVm Reuse or Replace.",
        [ErrorCodes.DuplicateVmName] = "Give each VM a different name.",
        [ErrorCodes.NameInvalid] = "Use names of 1 to 79 characters without slash, backslash or percent sign; give either exact names, or a prefix or pattern with a count.",
        [ErrorCodes.ObjectGone] = "It was removed in the meantime; read it again with Get-VmInstance.",
        [ErrorCodes.DatacenterNotFound] = "Use one of the names in the message with -Datacenter.",
        [ErrorCodes.DatastoreNotFound] = "Use one of the names in the message with -Datastore; Get-VmDatastore lists all.",
        [ErrorCodes.NetworkNotFound] = "Use one of the names in the message. For an OVA or a clone, -NetworkMap 'network' sets it for all adapters, and -NetworkMap @{ 'its network' = 'network' } for some.",
        [ErrorCodes.HostNotFound] = "Use one of the names in the message with -HostName; Get-VmHypervisor lists all.",
        [ErrorCodes.HostNotUsable] = "Choose another host, or reconnect this one and end its maintenance mode.",
        [ErrorCodes.FolderNotFound] = "Use one of the names in the message with -Folder.",
        [ErrorCodes.ResourcePoolNotFound] = "Use one of the names in the message with -ResourcePool.",
        [ErrorCodes.AmbiguousPlacement] = "Choose one of those in the message with -Datacenter, -HostName, -Datastore, -Folder or -Network.",
        [ErrorCodes.StorageNotFound] = "Use one of the names in the message, or a uuid from Get-VmDatastore.",
        [ErrorCodes.TemplateNotFound] = "Get-VmTemplate lists the templates.",
        [ErrorCodes.GuestIdUnknown] = "Use one of the ids in the message, or otherGuest64.",

        // VMs and their hardware.
        [ErrorCodes.WrongPowerState] = "Start or stop the VM first.",
        [ErrorCodes.CloneSourceMissing] = "Pipe a VM in, for example Get-VmInstance golden | New-VmClone, or give -SourceName.",
        [ErrorCodes.CloneSourceRunning] = "Shut it down with Stop-VmInstance first; only a vCenter can clone a running VM.",
        [ErrorCodes.VmIsTemplate] = "Make a VM from it first with New-VmFromTemplate.",
        [ErrorCodes.LinkedClonesDepend] = "Remove those linked clones first. -Force does not help: the clones would lose their data.",
        [ErrorCodes.VmFilesLeft] = "Delete the files in the datastore browser of the host.",
        [ErrorCodes.DiskNotRemoved] = "The VM was removed; delete the disk in the message on the host as soon as nothing uses it.",
        [ErrorCodes.VmQuestionPending] = "Answer the question in the host's web client, on the page of the VM. The VM then powers on, or stays off if the answer says so; nothing was cancelled.",
        [ErrorCodes.ToolsNotRunning] = "The guest's tools don't run, so it can't be asked to shut down. Stop-VmInstance -Force powers it off.",
        [ErrorCodes.GuestShutdownTimeout] = "Give it more time with -TimeoutSec, or power it off with -Force.",
        [ErrorCodes.WaitTimeout] = "Give it more time with -TimeoutSec. For tools or an address, look at the guest's console and check that its tools are installed.",
        [ErrorCodes.OperationBlocked] = "Somebody blocked this operation on the VM (its blocked operations); unblock it there first.",
        [ErrorCodes.HardwareInvalid] = "Use a value within the limit that the message names.",
        [ErrorCodes.DiskSizeInvalid] = "Give the size in GB, more than 0 and at most 63488 (62 TB).",
        [ErrorCodes.VlanNotPossible] = "Name a network with a physical uplink, and a tag from 1 to 4094.",
        [ErrorCodes.CdromSlotsFull] = "Remove a drive with Remove-VmCdrom, insert the medium into an existing one with Set-VmCdrom, or use the other bus.",
        [ErrorCodes.CdromNeedsPowerOff] = "Stop the VM first with Stop-VmInstance. Set-VmCdrom can change the medium of an existing drive while the VM runs.",
        [ErrorCodes.SessionMismatch] = "Leave -Session out: an object is used with its own session. To use the other session, read the object through it.",
        [ErrorCodes.AmbiguousCdrom] = "Pipe the drive in with Get-VmCdrom, or add one with Add-VmCdrom.",
        [ErrorCodes.NotAVm] = "Pipe VMs or their names in. Get-VmInstance | Where-Object filters VMs by their disks, networks or host.",
        [ErrorCodes.CdromNotFound] = "Get-VmCdrom lists the drives of the VM.",
        [ErrorCodes.CdromLocked] = "Eject the medium in the guest first, or use -Force to eject it anyway.",
        [ErrorCodes.CdromHasSlave] = "A VM does not power on with an IDE slave that has no master: remove the slave first, or empty this drive with Set-VmCdrom.",
        [ErrorCodes.HostDriveNotFound] = "Use an ISO file instead, or one of the drives in the message.",
        [ErrorCodes.IsoUnreadable] = "Give an .iso file. An incomplete download, a disk image (.img, .vmdk) or a raw CD image (.bin) is not an ISO image.",
        [ErrorCodes.IsoStorageNotFound] = "Create a writable ISO repository on the host (xe sr-create type=iso ...), or put the ISO into an existing repository and give its name.",
        [ErrorCodes.IsoNotFound] = "Use one of the names in the message, or the path of a local file, which is uploaded.",

        // Files.
        [ErrorCodes.LocalFileNotFound] = "Check the path. Write a file that is already on the host as '[datastore] folder/file.iso'.",
        [ErrorCodes.LocalFileUnreadable] = "Check the rights on the file, and that no other program writes to it.",
        [ErrorCodes.FileDiffers] = "Overwrite it with Send-VmDatastoreFile -Force, or send the file under another name with -Destination.",
        [ErrorCodes.FileExists] = "Remove the file or choose another name. The usual cause is a folder that an unregistered VM left.",
        [ErrorCodes.FileLocked] = "Another VM or host has the file open; power off that VM or detach the disk.",
        [ErrorCodes.HostFileNotFound] = "Check the datastore path, which is case-sensitive; Send-VmDatastoreFile sends a file there.",
        [ErrorCodes.DatastorePathInvalid] = "Write the path as '[datastore] folder/file'.",
        [ErrorCodes.TopFolderUnsupported] = "Choose another datastore with -Datastore. For a file, create its folder in the datastore browser of the host first.",
        [ErrorCodes.AmbiguousPath] = "Name one file, or pipe several in with Get-ChildItem.",
        [ErrorCodes.PathNotOnFileSystem] = "Give the path of a file on disk.",
        [ErrorCodes.LogNotWritable] = "Give -LogPath a file in an existing folder that this account may write to.",

        // What the host refuses.
        [ErrorCodes.NoPermission] = "Log in with an account that has the privilege, or extend the role on that object.",
        [ErrorCodes.LicenceRestricted] = "The host's licence (the free one) makes the API read-only. Assign a paid or evaluation licence.",
        [ErrorCodes.NotSupportedByHost] = "This product, version or hardware does not support it.",
        [ErrorCodes.DatastoreFull] = "Free space on the datastore, choose another with -Datastore, or use -DiskProvisioning Thin.",
        [ErrorCodes.InsufficientResources] = "Power off other VMs, request fewer CPUs or less memory, or choose another host.",
        [ErrorCodes.HostBusy] = "Another task works on the object; try again when it has ended.",
        [ErrorCodes.DiskInUse] = "Stop the VM that uses the disk, or wait until the import or backup of the disk has ended.",
        [ErrorCodes.StorageFailed] = "The storage repository failed: check its free space and /var/log/SMlog on the host.",
        [ErrorCodes.RequestRefused] = "Correct what the message names; -Debug shows the call.",
        [ErrorCodes.ValueRefused] = "Correct the value in the message and run the command again.",
        [ErrorCodes.RequestTooLarge] = "XenServer accepts calls up to 300 KB: shorten the annotation or the properties.",
        [ErrorCodes.TaskTimedOut] = "The host itself ended the task; its log and its task list tell why. Run the command again when the host is less busy.",
        [ErrorCodes.TaskStillRunning] = "Look at the host's task list; remove what the task has made when it has ended.",
        [ErrorCodes.TaskCanceled] = "Somebody cancelled the task on the host; run the command again.",
        [ErrorCodes.LeaseExpired] = "The host ended the import; check that it stays reachable and run the command again.",
        [ErrorCodes.UploadRefused] = "The message quotes the host; the host's log may tell more.",
        [ErrorCodes.HostFault] = "The message quotes the host; the host's log and its task list may tell more.",

        // OVA packages and disk images.
        [ErrorCodes.OvaNotFound] = "Check the path; give an .ova, or an .ovf that lies beside its files.",
        [ErrorCodes.OvaIsFolder] = "Name the .ova, or the .ovf in the folder; Get-ChildItem pipes all matching files into Get-VmOva or Import-VmOva.",
        [ErrorCodes.OvaUnreadable] = "Check the rights on the file, that no other program writes to it, and the medium it lies on.",
        [ErrorCodes.OvaNotATar] = "An .ova is an uncompressed tar archive with an .ovf inside; download or export it again. A JSON job file goes through Get-Content -Raw and ConvertFrom-Json.",
        [ErrorCodes.OvaTruncated] = "The file is incomplete: copy or download it again and compare its size with the original.",
        [ErrorCodes.OvaDamaged] = "The archive is damaged: copy or download it again and compare its checksum with the original.",
        [ErrorCodes.OvaEntryNotSupported] = "Pack the files again as plain files: tar --format=ustar -cf vm.ova vm.ovf vm.mf disk.vmdk.",
        [ErrorCodes.OvaNoDescriptor] = "An OVA contains exactly one .ovf; check that this file is not another kind of archive.",
        [ErrorCodes.OvaSeveralDescriptors] = "An OVA contains exactly one .ovf; extract the archive and import the .ovf that you mean.",
        [ErrorCodes.OvfMalformed] = "Export the VM again, or correct the place in the .ovf that the message names.",
        [ErrorCodes.OvfHasDtd] = "An OVF needs no DTD, and a DTD can be used for attacks. If you trust the source, remove <!DOCTYPE ...> from the .ovf.",
        [ErrorCodes.OvfTooLarge] = "Hosts refuse requests of this size; remove embedded data from the .ovf.",
        [ErrorCodes.OvfVirtualSystemCollection] = "Export the VMs of the vApp one by one, and import each.",
        [ErrorCodes.OvaReferenceInvalid] = "Put the file beside the .ovf and use its bare name as ovf:href.",
        [ErrorCodes.OvaFileMissing] = "The package is incomplete: copy or download all of it again.",
        [ErrorCodes.OvaCompressionNotSupported] = "Only gzip is supported; decompress the file and remove ovf:compression from its reference.",
        [ErrorCodes.OvaCompressedFileDamaged] = "The file is damaged or incomplete: copy or download the package again.",
        [ErrorCodes.OvaManifestInvalid] = "Each line of the .mf has the form SHA256(name)= hex-digest; correct the line, or download the package again.",
        [ErrorCodes.OvaManifestAlgorithmNotSupported] = "SHA1, SHA256, SHA384 and SHA512 are supported; write the .mf again with one of these.",
        [ErrorCodes.OvaDigestMismatch] = "The file is damaged or was changed after the export: copy or download the package again. Get-VmOva -Verify checks all files.",
        [ErrorCodes.OvaSignatureInvalid] = "The package was changed after it was signed, or its .cert is damaged: download it again from its publisher.",
        [ErrorCodes.OvfDeploymentOptionUnknown] = "Get-VmOva lists the deployment options of the package.",
        [ErrorCodes.OvfPropertyUnknown] = "Get-VmOva lists the properties of the package.",
        [ErrorCodes.OvfPropertyNotConfigurable] = "The publisher fixed the value of this property; omit it.",
        [ErrorCodes.OvfPropertyInvalid] = "Get-VmOva shows the type, the limits and the allowed values of each property.",
        [ErrorCodes.OvfPropertyRequired] = "Give it with -Property @{ key = 'value' }; Get-VmOva describes the property.",
        [ErrorCodes.OvfNetworkUnknown] = "Get-VmOva shows the networks of the package.",
        [ErrorCodes.OvfRefused] = "The OVF needs a hardware version, device or section that this host does not support. Export it again for this version.",
        [ErrorCodes.EulaNotAccepted] = "Read it with (Get-VmOva <path>).Eula, then run the command again with -AcceptEula.",
        [ErrorCodes.VmdkDamaged] = "Download the file again and compare its digest (Get-VmOva -Verify); an intact image passes qemu-img check.",
        [ErrorCodes.VmdkNotStreamOptimized] = "Convert it with qemu-img convert -O vmdk -o subformat=streamOptimized <in> <out>, or export it again with ovftool.",

        // cloud-init.
        [ErrorCodes.CloudInitUserDataNotRecognised] = "Start the text with '#cloud-config' for YAML or '#!' for a script; cloud-init ignores anything else without a message.",
        [ErrorCodes.CloudInitTooLarge] = "Let the guest download large files itself, for example with '#include' and a URL.",
        [ErrorCodes.CloudInitNotAMapping] = "Give lines of 'key: value', JSON, a hashtable, or the path of an existing file.",

        // The module itself.
        [ErrorCodes.ServerNameInvalid] = "Give only the name, for example esxi.example.com; use -Port and -Protocol for the rest.",
        [ErrorCodes.PipelineValueInvalid] = "Correct the value in the input; Get-Help <cmdlet> -Parameter * shows what each parameter accepts.",
        [ErrorCodes.UnexpectedFailure] = "This is a bug in VmDeploy; please report it with the output of Get-Error.",
    };

    private static readonly Dictionary<ErrorHint, string> s_hints = new()
    {
        [ErrorHint.StopVmFirst] = "Stop the VM with Stop-VmInstance first, or use -Force.",
        [ErrorHint.VmSuspended] = "Start the VM first, or power it off with -Force, which discards the suspended state.",
        [ErrorHint.IdeDrivesOnly] = "Omit -Bus: CD-ROM drives are IDE on XenServer.",
        [ErrorHint.EjectInGuest] = "Eject the medium in the guest first, or stop the VM; XenServer can't eject it while the guest locks it, even with -Force.",
        [ErrorHint.ConnectToPoolMaster] = "The pool master has a different certificate: connect to it directly, with the thumbprint of that certificate.",
        [ErrorHint.LinkedCloneStaysWithSource] = "Omit -Linked for a full copy, or omit -Datastore.",
        [ErrorHint.AddEmptyDiskAfterImport] = "Remove this disk from the OVF, and add an empty disk to the VM after the import.",
        [ErrorHint.RestoreDefaultTemplates] = "XenServer's own template was removed or renamed; xe-reset-templates or create-guest-templates on the host restores it.",
        [ErrorHint.ExportWithoutSnapshots] = "Export the VM again without snapshots, so that each disk is complete in itself.",
        [ErrorHint.NamePlaceholders] = "Use {source} for the name of the source, and {n} or {n:00} for the number.",
        [ErrorHint.TemplateHasName] = "Choose another name or folder, or rename the template; a template is never replaced.",
        [ErrorHint.TargetIsFolder] = "Choose another name with -Destination; one that ends in a slash is a folder.",
        [ErrorHint.NoTemplatesOnHost] = "Make the VM with New-VmClone from an existing one, or connect to a vCenter.",
        [ErrorHint.UseTemplateId] = "Give the id of the template instead of its name.",
        [ErrorHint.UsePortGroupWithVlan] = "Choose a port group that has this VLAN with -Network; Get-VmNetwork shows the tags.",
        [ErrorHint.PortMayExpectTls] = "If the port expects https, omit -Protocol http; otherwise check the network and the host's logs.",
        [ErrorHint.NameOfTemplate] = "It is the name of a template; New-VmFromTemplate makes VMs from it.",
        [ErrorHint.IsoIsNotAPackage] = "Make the VM with New-VmFromIso -IsoPath, or copy the image to a datastore with Send-VmDatastoreFile.",
        [ErrorHint.ListAll] = "Without a name this command lists them all.",
    };

    /// <summary>What to do about any occurrence of an error. The build fails if a code has no entry.</summary>
    public static string For(ErrorCode code) => s_codes.TryGetValue(code, out var advice) ? advice : "";

    /// <summary>What to do about an occurrence that has a hint.</summary>
    public static string For(ErrorHint hint) => s_hints.TryGetValue(hint, out var advice) ? advice : "";

    /// <summary>What to do about a failure.</summary>
    public static string For(VmDeployException failure) => failure.Hint is { } hint ? For(hint) : For(failure.Code);
}
