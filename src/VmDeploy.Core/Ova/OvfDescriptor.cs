using System;
using System.Collections.Generic;

namespace VmDeploy.Ova;

/// <summary>What an OVF says (DSP0243 1.x and 2.x, and VMware's 0.9). Texts are resolved from inline string bundles.</summary>
public sealed class OvfDescriptor
{
    /// <summary><c>ovf:References</c>, in order.</summary>
    public IReadOnlyList<OvfFileReference> References { get; internal set; } = [];

    /// <summary>The disks, in the order of the DiskSection.</summary>
    public IReadOnlyList<OvfDisk> Disks { get; internal set; } = [];

    /// <summary>The networks that NICs connect to.</summary>
    public IReadOnlyList<OvfNetwork> Networks { get; internal set; } = [];

    /// <summary>The properties of all product sections, in order.</summary>
    public IReadOnlyList<OvfProperty> Properties { get; internal set; } = [];

    /// <summary>The deployment options; empty for most packages.</summary>
    public IReadOnlyList<OvfDeploymentOption> DeploymentOptions { get; internal set; } = [];

    /// <summary>Licence texts to be accepted, in order.</summary>
    public IReadOnlyList<string> Eulas { get; internal set; } = [];

    /// <summary>True for a group of machines, which has no hardware of its own.</summary>
    public bool IsCollection { get; internal set; }

    /// <summary><c>ovf:id</c> of the virtual system.</summary>
    public string? SystemId { get; internal set; }

    /// <summary>Name of the virtual system.</summary>
    public string? Name { get; internal set; }

    /// <summary>Annotation of the virtual system.</summary>
    public string? Annotation { get; internal set; }

    /// <summary>Product name of the first product section that has one.</summary>
    public string? Product { get; internal set; }

    /// <summary>Its vendor.</summary>
    public string? Vendor { get; internal set; }

    /// <summary>Its version (the short one, or else the full one).</summary>
    public string? Version { get; internal set; }

    /// <summary>CIM operating system number (<c>CIM_OperatingSystem.OsType</c>), for example 94 for Ubuntu 64-bit.</summary>
    public int? OsId { get; internal set; }

    /// <summary>VMware's guest id (<c>vmw:osType</c>), for example <c>ubuntu64Guest</c>.</summary>
    public string? OsType { get; internal set; }

    /// <summary>The operating system in words.</summary>
    public string? OsDescription { get; internal set; }

    /// <summary>Parses a descriptor.</summary>
    /// <param name="xml">Its text.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <exception cref="VmDeployException"><c>OvfMalformed</c> or <c>OvfHasDtd</c>.</exception>
    public static OvfDescriptor Parse(string xml, string name) => throw new NotImplementedException();

    /// <summary>The option of an id; null gives the default option, or null where there are none. <c>OvfDeploymentOptionUnknown</c> otherwise.</summary>
    public OvfDeploymentOption? GetDeploymentOption(string? id) => throw new NotImplementedException();

    /// <summary>The virtual hardware under a deployment option (null: the default).</summary>
    public OvfHardware GetHardware(string? deploymentOption) => throw new NotImplementedException();

    /// <summary>The property of a key, full (<c>class.key.instance</c>) or bare where that is unambiguous; <c>OvfPropertyUnknown</c> otherwise.</summary>
    public OvfProperty GetProperty(string key) => throw new NotImplementedException();

    /// <summary>Checks the values that a user gives, and that no required property is left out.</summary>
    /// <returns>The values by full key, as a host wants them.</returns>
    /// <exception cref="VmDeployException"><c>OvfPropertyUnknown</c>, <c>OvfPropertyNotConfigurable</c>, <c>OvfPropertyInvalid</c> or <c>OvfPropertyRequired</c>.</exception>
    public IReadOnlyDictionary<string, string> ResolveProperties(IReadOnlyDictionary<string, string> values, string? deploymentOption) =>
        throw new NotImplementedException();
}
