namespace VmDeploy;

/// <summary>Details of one occurrence of an error, where the error code alone does not determine the advice.</summary>
public enum ErrorHint
{
    /// <summary>What is acted on comes from the pipeline or is named, not both.</summary>
    PipedOrTyped,

    /// <summary>The VM must be powered off first, or the operation forced.</summary>
    StopVmFirst,

    /// <summary>A machine of a deployment can't shut down by itself.</summary>
    ForceDeployment,

    /// <summary>A machine of a deployment is made by a run on another computer or account, or was left by it.</summary>
    BegunByOtherRun,

    /// <summary>The VM is suspended, and is lost in that state if it is powered off.</summary>
    VmSuspended,

    /// <summary>The hypervisor has IDE CD-ROM drives only.</summary>
    IdeDrivesOnly,

    /// <summary>The hypervisor can't eject a medium that the guest has locked, even by force.</summary>
    EjectInGuest,

    /// <summary>The pool master has a different certificate from the member that redirected to it.</summary>
    ConnectToPoolMaster,

    /// <summary>The disks of a linked clone must be on the storage of its source's disks.</summary>
    LinkedCloneStaysWithSource,

    /// <summary>Only one VM can have the MAC addresses of another.</summary>
    KeepMacAddressAlone,

    /// <summary>Each object of a pipeline needs names of its own.</summary>
    NamesForEach,

    /// <summary>Nothing has an empty name.</summary>
    NameIsEmpty,

    /// <summary>One package of an archive must be chosen.</summary>
    ExtractPackage,

    /// <summary>The name and the format of a package contradict each other.</summary>
    FormatOrName,

    /// <summary>Disks that are shared can only be copied.</summary>
    CloneWholeDisks,

    /// <summary>An OVF disk without a file, which the hypervisor's import can't create.</summary>
    AddEmptyDiskAfterImport,

    /// <summary>A default template of the hypervisor was removed or renamed.</summary>
    RestoreDefaultTemplates,

    /// <summary>The disk image is the delta disk of a snapshot.</summary>
    ExportWithoutSnapshots,

    /// <summary>A name pattern has an unknown placeholder; <c>{source}</c>, <c>{n}</c> and <c>{n:00}</c> are known.</summary>
    NamePlaceholders,

    /// <summary>Each machine of a package with several needs its own name.</summary>
    NameMachines,

    /// <summary>A vApp of this name exists.</summary>
    RenameVApp,

    /// <summary>The host has no vApps; without one, each machine of the package becomes a VM.</summary>
    ImportWithoutVApp,

    /// <summary>VMs that share a disk are created together.</summary>
    CreateSharersTogether,

    /// <summary>A template has the name; a template is never replaced.</summary>
    TemplateHasName,

    /// <summary>A folder with the name of the file exists on the datastore.</summary>
    TargetIsFolder,

    /// <summary>A standalone ESXi host has no templates.</summary>
    NoTemplatesOnHost,

    /// <summary>A VM can't become a template on a standalone ESXi host; a stopped VM is cloned instead.</summary>
    CloneStoppedVm,

    /// <summary>The guest can't be asked to restart; a reset needs no guest.</summary>
    ResetWithForce,

    /// <summary>XenServer saves the memory of a guest only with the guest's help.</summary>
    SuspendNeedsTools,

    /// <summary>The storage has no space for the restore of a snapshot; nothing was changed.</summary>
    RestoreNeedsSpace,

    /// <summary>The restore of a snapshot failed half-way; the snapshot is intact.</summary>
    RestoreAgain,

    /// <summary>Several templates have the name; their ids are unique.</summary>
    UseTemplateId,

    /// <summary>On vSphere the port group determines the VLAN.</summary>
    UsePortGroupWithVlan,

    /// <summary>The connection without TLS was closed at once, which is typical for a TLS port.</summary>
    PortMayExpectTls,

    /// <summary>A template, not a VM, has the name.</summary>
    NameOfTemplate,

    /// <summary>An ISO image was given as an OVA package.</summary>
    IsoIsNotAPackage,

    /// <summary>The host refuses parts of the descriptor, which can be edited during the import.</summary>
    AdaptPackage,

    /// <summary>The certificate of a web server, not of a hypervisor, is not trusted.</summary>
    CheckUriCertificate,

    /// <summary>Without drivers in the guest, nothing can be plugged into or unplugged from a running VM of XenServer.</summary>
    PlugNeedsGuestDrivers,

    /// <summary>cloud-init's documents need a drive: the hypervisor has no guestinfo variables, or the documents are too large for them.</summary>
    UseCloudInitDrive,

    /// <summary>Two objects of one command would be written to the same local file.</summary>
    FolderForAll,

    /// <summary>The storage repository is too small; XenServer has no provisioning to choose.</summary>
    OtherRepository,

    /// <summary>A path does not name its datastore, and there are several.</summary>
    NameDatastore,

    /// <summary>The same call without a name lists everything.</summary>
    ListAll,
}
