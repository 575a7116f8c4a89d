namespace VmDeploy;

/// <summary>What is special about one occurrence of an error, where the error code alone does not tell what to do about it.</summary>
public enum ErrorHint
{
    /// <summary>The VM must be powered off first, or the operation be forced.</summary>
    StopVmFirst,

    /// <summary>The VM is suspended, and is lost in that state if it is powered off.</summary>
    VmSuspended,

    /// <summary>The hypervisor has IDE CD-ROM drives only.</summary>
    IdeDrivesOnly,

    /// <summary>The hypervisor can't eject a medium that the guest has locked, even by force.</summary>
    EjectInGuest,

    /// <summary>The pool master has another certificate than the member that referred to it.</summary>
    ConnectToPoolMaster,

    /// <summary>The disks of a linked clone must lie where the disks of its source lie.</summary>
    LinkedCloneStaysWithSource,

    /// <summary>An OVF disk without a file, which the hypervisor's import can't make.</summary>
    AddEmptyDiskAfterImport,

    /// <summary>A template that the hypervisor comes with was removed or renamed.</summary>
    RestoreDefaultTemplates,

    /// <summary>The disk image is the delta disk of a snapshot.</summary>
    ExportWithoutSnapshots,

    /// <summary>A name pattern has an unknown placeholder; <c>{source}</c>, <c>{n}</c> and <c>{n:00}</c> are known.</summary>
    NamePlaceholders,

    /// <summary>A template, which is never replaced, has the name.</summary>
    TemplateHasName,

    /// <summary>A folder on the datastore has the name of the file.</summary>
    TargetIsFolder,

    /// <summary>A standalone ESXi host has no templates.</summary>
    NoTemplatesOnHost,

    /// <summary>Several templates have the name; their ids are unique.</summary>
    UseTemplateId,

    /// <summary>On vSphere a VLAN is chosen by the port group that has it.</summary>
    UsePortGroupWithVlan,

    /// <summary>The connection was opened without TLS and broke at once, as a TLS port does then.</summary>
    PortMayExpectTls,

    /// <summary>A template, not a VM, has the name.</summary>
    NameOfTemplate,

    /// <summary>An ISO image was given as an OVA package.</summary>
    IsoIsNotAPackage,

    /// <summary>The call that looked for the name can list everything that exists.</summary>
    ListAll,
}
